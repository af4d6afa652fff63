"""Asks h11: one case on each line of standard input, one answer on each line of standard output."""
import base64
import json
import sys

import h11


def pairs(headers):
    return [[name.decode("latin1"), value.decode("latin1")] for name, value in headers.raw_items()]


class Reader:
    """What h11 finds in one direction."""

    def __init__(self, connection):
        self.connection = connection
        self.messages = []

    def begin(self, first, second, event):
        start = [first, second.decode("latin1")]
        self.messages.append({"start": start, "fields": pairs(event.headers), "body": b"", "trailers": [], "complete": False})

    def end(self, event):
        """Ends a message; the answer is whether another may follow."""
        self.messages[-1].update(complete=True, trailers=pairs(event.headers))
        return self.next()

    def hear(self):
        """Every event that is there."""
        while True:
            event = self.connection.next_event()
            if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
                return
            if isinstance(event, h11.Data):
                self.messages[-1]["body"] += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                if not self.end(event):
                    return
            else:
                self.head(event)


class Requests(Reader):
    def __init__(self, _):
        super().__init__(h11.Connection(h11.SERVER))

    def head(self, event):
        self.begin(event.method.decode("latin1"), event.target, event)

    def next(self):
        # 404 refuses a tunnel and a change of protocol: h11 reads on as HTTP.
        if self.messages[-1]["start"][0] == "CONNECT":
            return False
        self.connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
        self.connection.send(h11.EndOfMessage())
        if self.connection.our_state is not h11.DONE or self.connection.their_state is not h11.DONE:
            return False
        self.connection.start_next_cycle()
        return True


class Responses(Reader):
    def __init__(self, answers):
        super().__init__(h11.Connection(h11.CLIENT))
        self.answers = list(answers)
        self.ended = False
        self.ask()

    def ask(self):
        """Every request allows a change of protocol, as the responses may grant one."""
        method = self.answers.pop(0) if self.answers else "GET"
        headers = [("Host", "x"), ("Connection", "upgrade"), ("Upgrade", "x")]
        self.connection.send(h11.Request(method=method, target="x:1" if method == "CONNECT" else "/", headers=headers))
        self.connection.send(h11.EndOfMessage())

    def head(self, event):
        self.begin(str(event.status_code), event.reason, event)
        # It tells no end of what has no content by its status.
        interim = isinstance(event, h11.InformationalResponse)
        self.messages[-1].update(complete=interim or self.connection.their_state is h11.SWITCHED_PROTOCOL)

    def next(self):
        goes_on = self.connection.their_state is h11.DONE and not self.ended
        self.messages[-1].update(keep_alive=goes_on)
        if goes_on:
            self.connection.start_next_cycle()
            self.ask()
        return True

    def finish(self):
        """The connection ends; the answer is whether it ended inside a message."""
        state = self.connection.their_state
        if state is h11.SWITCHED_PROTOCOL:
            return False
        if state is h11.SEND_RESPONSE and not self.connection.trailing_data[0]:
            return False
        self.ended = True
        try:
            self.connection.receive_data(b"")
            self.hear()
        except h11.RemoteProtocolError:
            return True
        return False


def ask(asked):
    reader = Requests(None) if asked["role"] == "request" else Responses(asked["answers"])
    refused, truncated, waiting = None, False, False
    try:
        for piece in asked["pieces"]:
            reader.connection.receive_data(base64.b64decode(piece))
            reader.hear()
        waiting = bool(reader.connection.trailing_data[0])
        truncated = asked["role"] == "response" and reader.finish()
    except h11.RemoteProtocolError as error:
        refused = str(error)
    for message in reader.messages:
        message["body"] = base64.b64encode(message["body"]).decode()
    return {"refused": refused, "truncated": truncated, "messages": reader.messages, "waiting": waiting}


for line in sys.stdin:
    print(json.dumps(ask(json.loads(line))), flush=True)
