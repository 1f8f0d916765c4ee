package rest

import (
	"net/http"

	"patapay/domain"
	"patapay/tenants"
	"patapay/tenants/query"
)

// Object is an answer that shows one object, with the tag of its version.
type Object[T any] struct {
	Status int
	ETag   string `header:"ETag" doc:"Tag of this version, for If-Match and If-None-Match"`
	Body   T
}

// Show answers with body, or with 304 when the caller has this version.
func Show[T any](ifNoneMatch, etag string, body T) *Object[T] {
	status := http.StatusOK
	if ifNoneMatch != "" && sameTag(ifNoneMatch, etag) {
		status = http.StatusNotModified
	}
	return &Object[T]{Status: status, ETag: etag, Body: body}
}

// ObjectInput names one object.
type ObjectInput struct {
	TenantPath
	SparseInput
	ID          string `path:"id" doc:"Ours, or Asaas's"`
	IfNoneMatch string `header:"If-None-Match"`
}

// ClinicInput names the clinic of an operation that takes nothing else.
type ClinicInput struct {
	Tenant string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
}

// TenantPath names the clinic of a request. Like all that is embedded here it is exported,
// because huma looks into no other.
type TenantPath struct {
	Tenant string `path:"tenant" doc:"ten_… or ext: and the platform's id"`
}

// FindStored returns the projection that a path names, by our id with this prefix or by the
// gateway's. Whatever is neither is simply not there.
func FindStored[T any](
	tx *tenants.Tx, prefix, id string, ours func(*tenants.Tx, domain.UUID) (query.Stored[T], error),
	theirs func(*tenants.Tx, string) (query.Stored[T], error),
) (query.Stored[T], error) {
	if uuid, ok := domain.ParseUUID(prefix, id); ok {
		return ours(tx, uuid)
	}
	if !IsGatewayID(id) {
		return query.Stored[T]{}, domain.Errorf(domain.NotFound, "")
	}
	return theirs(tx, id)
}

// IsGatewayID tells whether text may be an id of the gateway's.
func IsGatewayID(text string) bool {
	for _, r := range text {
		if r <= ' ' || r > '~' {
			return false
		}
	}
	return text != "" && len(text) <= 200
}
