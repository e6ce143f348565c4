"""Agents and hosts."""

from collections.abc import Iterator, Sequence

from hephaestus_core.contract.ids import IdKind
from hephaestus_sdk.api.agent_views import Agent, AgentOutput, Message
from hephaestus_sdk.api.host_views import Host
from hephaestus_sdk.api.routes.base import Routes, as_view, part

#: Most seconds of a long-poll.
LONGEST_WAIT = 25.0


class AgentRoutes(Routes):
    """Routes below ``/agents`` and ``/hosts``."""

    def agents(self, *, workflow_id: str | None = None, live: bool = True) -> list[Agent]:
        """Return agents, newest first, by default those alive now."""
        wanted = {"workflow_id": self._only_of(workflow_id), "live": live}
        items = self._pages("/agents", wanted, None)
        return [as_view(Agent, item) for item in items]

    def agent(self, agent_id: str) -> Agent:
        """Return one agent."""
        return as_view(Agent, self._connection.get(self._agent(agent_id)))

    def agent_output(
        self, agent_id: str, *, offset: int = 0, limit: int = 65_536, wait: float = 0.0
    ) -> AgentOutput:
        """Return the output of an agent's terminal from byte ``offset`` on.

        Args:
            agent_id: of the agent, wherever it runs.
            offset: first byte.
            limit: at most this many bytes, 262,144 at most.
            wait: seconds to wait for output when there is none yet, at most
                :data:`LONGEST_WAIT`.
        """
        path = f"{self._agent(agent_id)}/output"
        params = {"offset": offset, "limit": limit, "wait": wait}
        return as_view(AgentOutput, self._connection.get(path, params, wait=wait))

    def output_so_far(self, agent_id: str, *, offset: int = 0) -> Iterator[AgentOutput]:
        """Yield the output of an agent's terminal so far, in parts."""
        agent_id = self.full_id(agent_id, IdKind.AGENT)
        while (read := self.agent_output(agent_id, offset=offset)).text:
            yield read
            offset = read.next_offset

    def follow_output(self, agent_id: str, *, offset: int = 0) -> Iterator[AgentOutput]:
        """Yield the output of an agent's terminal as it comes, until the agent has ended."""
        agent_id = self.full_id(agent_id, IdKind.AGENT)
        complete = False
        while not complete:
            read = self.agent_output(agent_id, offset=offset, wait=LONGEST_WAIT)
            offset, complete = read.next_offset, read.complete
            if read.text:
                yield read

    def send_message(self, agent_id: str, text: str, *, interrupt: bool = False) -> Message:
        """Send a message to an agent; its delivery is confirmed by an event.

        Args:
            interrupt: end its turn first, where its program can be interrupted.
        """
        path = f"{self._agent(agent_id)}/messages"
        return as_view(Message, self._connection.post(path, {"text": text, "interrupt": interrupt}))

    def messages(
        self,
        *,
        workflow_id: str | None = None,
        agent_id: str | None = None,
        limit: int | None = 100,
    ) -> list[Message]:
        """Return messages with their receipts, newest first.

        Args:
            workflow_id: only messages in this workflow.
            agent_id: only those from or to this agent.
            limit: at most this many; None: all.
        """
        agent = None if agent_id is None else self.full_id(agent_id, IdKind.AGENT)
        wanted = {"workflow_id": self._only_of(workflow_id), "agent_id": agent}
        return [as_view(Message, item) for item in self._pages("/messages", wanted, limit)]

    def call_fine(self, agent_id: str, minutes: float = 30.0) -> Agent:
        """Have the Guardian neither steer nor end an agent for a while; 0 minutes end that."""
        path = f"{self._agent(agent_id)}/fine"
        return as_view(Agent, self._connection.post(path, {"minutes": minutes}))

    def restart_agent(self, agent_id: str) -> Agent:
        """End an agent at work; another attempt begins from its last saved commit, anew.

        Raises:
            Conflict: it is not at work.
        """
        return as_view(Agent, self._connection.post(f"{self._agent(agent_id)}/restart", {}))

    def stop_agent(self, agent_id: str, reason: str | None = None) -> Agent:
        """Stop an agent; its work is kept."""
        path = f"{self._agent(agent_id)}/stop"
        return as_view(Agent, self._connection.post(path, {"reason": reason}))

    def hosts(self) -> list[Host]:
        """Return all known hosts."""
        return [as_view(Host, item) for item in self._connection.get("/hosts")["items"]]

    def drain_host(self, name: str, *, drain: bool = True) -> Host:
        """Drain a host, or end the draining with ``drain=False``."""
        path = f"/hosts/{part(name)}/drain"
        return as_view(Host, self._connection.post(path, {"drain": drain}))

    def label_host(self, name: str, labels: Sequence[str] | None) -> Host:
        """Set a host's labels in place of its worker's; None restores the worker's."""
        path = f"/hosts/{part(name)}/labels"
        given = None if labels is None else list(labels)
        return as_view(Host, self._connection.put(path, {"labels": given}))

    def _agent(self, agent_id: str) -> str:
        return f"/agents/{self.full_id(agent_id, IdKind.AGENT)}"
