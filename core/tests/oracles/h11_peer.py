"""Asks h11: one case on each line of standard input, one answer on each line of standard output."""
import base64
import json
import sys

import h11


def ask(pieces):
    connection = h11.Connection(h11.SERVER)
    messages, refused = [], None
    try:
        for piece in pieces:
            connection.receive_data(base64.b64decode(piece))
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                if isinstance(event, h11.Request):
                    fields = [[name.decode("latin1"), value.decode("latin1")] for name, value in event.headers.raw_items()]
                    messages.append({"method": event.method.decode("latin1"), "target": event.target.decode("latin1"),
                                     "fields": fields, "body": b"", "complete": False})
                elif isinstance(event, h11.Data):
                    messages[-1]["body"] += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    messages[-1]["complete"] = True
                    # 404 refuses a tunnel and a change of protocol: h11 reads on as HTTP.
                    if messages[-1]["method"] == "CONNECT":
                        break
                    connection.send(h11.Response(status_code=404, headers=[("Content-Length", "0")]))
                    connection.send(h11.EndOfMessage())
                    if connection.our_state is not h11.DONE or connection.their_state is not h11.DONE:
                        break
                    connection.start_next_cycle()
                elif isinstance(event, h11.ConnectionClosed):
                    break
    except h11.RemoteProtocolError as error:
        refused = str(error)
    for message in messages:
        message["body"] = base64.b64encode(message["body"]).decode()
    waiting = refused is None and bool(connection.trailing_data[0])
    return {"refused": refused, "messages": messages, "waiting": waiting}


for line in sys.stdin:
    print(json.dumps(ask(json.loads(line)["pieces"])), flush=True)
