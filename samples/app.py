# SPDX-License-Identifier: ISC
import flask

app = flask.Flask(__name__)

@app.get("/app/")
def hello():
    return f"Hello {flask.request.headers['Remote-User']}\n"
