package api

import (
	"io"
	"net/http"

	"patapay/domain/asaas/jsonobject"
)

// answer is a status with a JSON body; a nil body is an empty answer.
type answer struct {
	status int
	body   *jsonobject.Object
}

func good(body *jsonobject.Object) answer { return answer{http.StatusOK, body} }

// refused returns the error body of docs/gateway.md, errors.
func refused(status int, code, description string) answer {
	return answer{status, jsonobject.Of("errors", []any{jsonobject.Of("code", code, "description", description)})}
}

func invalid(description string) answer {
	return refused(http.StatusBadRequest, "invalid_object", description)
}

// absent is the answer for an unknown id and for another account's alike.
func absent() answer { return answer{status: http.StatusNotFound} }

// respond writes an answer with the headers that the client relies on.
func respond(w http.ResponseWriter, res answer) {
	if res.body == nil {
		w.WriteHeader(res.status)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(res.status)
	w.Write(res.body.Bytes())
}

// edge answers as the content network does: HTML, no error code.
func edge(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	io.WriteString(w, "<html><body><h1>"+http.StatusText(status)+"</h1></body></html>")
}
