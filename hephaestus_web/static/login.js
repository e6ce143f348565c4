// A link such as /login#<code> logs in; what stands behind # is sent to no server by itself.
"use strict";
function take() {
  const secret = location.hash.slice(1);
  if (!secret) return;
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("token").value = secret;
  document.getElementById("login").requestSubmit();
}
// Also when the link is pasted into a tab that shows the form already.
addEventListener("hashchange", take);
take();
