"""A web process as small as can be: answers on two ports, says it is ready on the first."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Ready(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path == "/api/v1/ready"
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(os.environ["HEPHAESTUS_HOME"].encode())

    def log_message(self, *arguments: object) -> None:
        pass


if __name__ == "__main__":
    first, second = (ThreadingHTTPServer(("127.0.0.1", int(p)), Ready) for p in sys.argv[1:3])
    threading.Thread(target=second.serve_forever, daemon=True).start()
    first.serve_forever()
