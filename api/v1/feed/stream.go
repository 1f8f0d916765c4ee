package feed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"patapay/api/auth"
	"patapay/api/problem"
	"patapay/api/rest"
	"patapay/domain"
	"patapay/tenants"
)

// The feeds as server-sent events (WHATWG HTML, section 9.2): id is what to hand in as
// Last-Event-ID, event is change or reset, a comment each fifteen seconds says that the
// line is open.
const (
	heartbeat  = 15 * time.Second
	streamPage = 100
)

func (s *Handler) registerStreams(api huma.API) {
	stream(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/tenants/{tenant}/feed/stream", "streamFeed",
			"The clinic's changes as they come, as server-sent events", "Feed", rest.FeedRead,
		),
		s.streamFeed,
	)
	stream(
		api,
		rest.NewOperation(
			http.MethodGet, "/v1/feed/stream", "streamPlatformFeed",
			"All clinics' changes as they come; for the platform", "Feed", rest.FeedRead,
		),
		s.streamPlatformFeed,
	)
}

// stream registers an operation that answers with an event stream.
func stream[I any](api huma.API, op huma.Operation, handle func(context.Context, *I) (*huma.StreamResponse, error)) {
	op.Responses = map[string]*huma.Response{"200": {
		Description: "id: the place behind the entry; event: change, or reset when it is no longer kept; data: the entry",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: &huma.Schema{Type: "string"}}},
	}}
	huma.Register(api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		out, err := handle(ctx, in)
		return out, rest.WithoutDetail(err)
	})
}

type streamInput struct {
	rest.TenantPath
	After       int64  `query:"after" minimum:"0" default:"0" doc:"seq of the last entry that was read"`
	LastEventID string `doc:"Wins over after" header:"Last-Event-ID"`
}

type platformStreamInput struct {
	Cursor      string `query:"cursor" maxLength:"200" doc:"cursor of the last entry that was read, or head"`
	LastEventID string `doc:"Wins over cursor" header:"Last-Event-ID"`
}

// follower reads the entries behind a place, each with the place behind itself, and tells whether more are there.
type follower func(place string) (list []placed, more bool, err error)

type placed struct {
	place string
	entry entryView
}

func (s *Handler) streamFeed(ctx context.Context, in *streamInput) (*huma.StreamResponse, error) {
	return s.flow(ctx, in.Tenant, func() (*follow, error) {
		c, err := s.Clinic(ctx, in.Tenant)
		if err != nil {
			return nil, err
		}
		place := strconv.FormatInt(in.After, 10)
		if in.LastEventID != "" {
			place = in.LastEventID
		}
		return &follow{clinic: c.ID, place: place, read: s.clinicFollower(ctx, c)}, nil
	})
}

// clinicFollower reads the feed of a clinic, whose places are numbers.
func (s *Handler) clinicFollower(ctx context.Context, c tenants.Clinic) follower {
	return func(place string) (list []placed, more bool, err error) {
		after, err := strconv.ParseInt(place, 10, 64)
		if err != nil || after < 0 {
			return nil, false, &problem.Error{
				Code:   "cursor_mismatch",
				Fields: []problem.Field{{Parameter: "Last-Event-ID", Code: "cursor_mismatch"}},
			}
		}
		views, newest, err := s.clinicFeed(ctx, c, after, streamPage)
		for _, v := range views {
			list, more = append(list, placed{strconv.FormatInt(v.Seq, 10), v}), v.Seq < newest
		}
		return list, more, err
	}
}

func (s *Handler) streamPlatformFeed(ctx context.Context, in *platformStreamInput) (*huma.StreamResponse, error) {
	return s.flow(ctx, "", func() (*follow, error) {
		if err := s.RequirePlatform(ctx); err != nil {
			return nil, err
		}
		place := in.Cursor
		if in.LastEventID != "" {
			place = in.LastEventID
		}
		return &follow{place: place, read: s.platformFollower(ctx)}, nil
	})
}

// platformFollower reads the feed of all clinics, whose places are cursors.
func (s *Handler) platformFollower(ctx context.Context) follower {
	kept := &keptViews{}
	return func(place string) (list []placed, more bool, err error) {
		views, _, more, err := s.platformFeed(ctx, kept, place, streamPage)
		for _, v := range views {
			list = append(list, placed{v.Cursor, v})
		}
		return list, more, err
	}
}

// follow is where a stream stands.
type follow struct {
	clinic domain.ClinicID // 0: all
	place  string          // behind what was written last
	list   []placed        // to be written
	more   bool            // behind list, when it was read
	read   follower
}

// flow takes a place among the streams of a tenant, "" for the platform's, and answers with what is behind the place
// at which begin stands, and then with what comes. A place that is refused at once is an ordinary problem; later it
// ends the stream with a reset.
func (s *Handler) flow(
	ctx context.Context,
	tenant string,
	begin func() (*follow, error),
) (*huma.StreamResponse, error) {
	leave, err := s.streams.take(ctx, tenant)
	if err != nil {
		return nil, err
	}
	f, err := begin()
	if err == nil {
		f.list, f.more, err = f.read(f.place)
	}
	if err != nil {
		leave()
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer leave()
		keepReading(ctx)
		w := &sse{c: humagin.Unwrap(h)}
		w.begin()
		s.pour(ctx, w, f)
	}}, nil
}

// pour writes entries until the reader leaves, its token ends, or the process does.
func (s *Handler) pour(ctx context.Context, w *sse, f *follow) {
	who, beat := rest.CallerOf(ctx).Principal, time.Now()
	for nap := pollEvery; s.stands(ctx, who) && !s.isClosing(); {
		for _, p := range f.list {
			if w.change(p); w.err != nil {
				return
			}
			f.place, beat, nap = p.place, time.Now(), pollEvery
		}
		if time.Since(beat) >= heartbeat {
			if w.comment("open"); w.err != nil {
				return
			}
			beat = time.Now()
		}
		next := s.next(f.clinic) // before the look, so that no change falls between
		if err := s.advance(ctx, f); err != nil {
			w.reset(err)
			return
		}
		if len(f.list) > 0 {
			continue
		}
		select {
		case <-next:
			nap = 20 * time.Millisecond // the platform's order may be held back a little
		case <-time.After(nap):
			nap = min(2*nap, pollEvery)
		case <-s.Closing:
			return
		case <-ctx.Done():
			return
		}
	}
}

// advance reads what is behind the place of f: in its clinic's turn when more was known to be there.
func (s *Handler) advance(ctx context.Context, f *follow) error {
	read := func() (err error) {
		f.list, f.more, err = f.read(f.place)
		return err
	}
	if f.more {
		return s.catchUps.read(ctx, f.clinic, read)
	}
	return read()
}

// isClosing tells whether the process takes no more requests. A stream that catches up asks between pages.
func (s *Handler) isClosing() bool {
	select {
	case <-s.Closing:
		return true
	default:
		return false
	}
}

// stands tells whether a token that opened a stream would still open one: it has not
// expired, and what it stands for was not ended. the authenticator asks at most each few seconds,
// however busy the stream is.
func (s *Handler) stands(ctx context.Context, who auth.Principal) bool {
	return s.Now().Before(who.Expires) && s.Authenticator.Stands(ctx, who, false) == nil
}

// keepReading lifts the deadline for reading the request: its body is read, and a waiting
// answer outlives it.
func keepReading(ctx context.Context) {
	_ = http.NewResponseController(rest.CallerOf(ctx).Writer).SetReadDeadline(time.Time{})
}

// sse writes server-sent events; after an error it writes nothing more.
type sse struct {
	c   *gin.Context
	err error
}

func (w *sse) begin() {
	head := w.c.Writer.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("X-Accel-Buffering", "no")
	w.c.Writer.WriteHeader(http.StatusOK)
	w.comment("open")
}

func (w *sse) change(p placed) {
	data, err := json.Marshal(p.entry)
	if err != nil {
		w.err = err
		return
	}
	w.write(fmt.Appendf(nil, "id: %s\nevent: change\ndata: %s\n\n", p.place, data))
}

func (w *sse) comment(text string) { w.write([]byte(": " + text + "\n\n")) }

// reset tells why the stream cannot go on; the reader begins anew.
func (w *sse) reset(err error) {
	data, _ := json.Marshal(problem.From(rest.WithoutDetail(err))) // plain members: never fails
	w.write(fmt.Appendf(nil, "event: reset\ndata: %s\n\n", data))
}

func (w *sse) write(text []byte) {
	if w.err != nil {
		return
	}
	_ = http.NewResponseController(w.c.Writer).SetWriteDeadline(time.Now().Add(heartbeat))
	if _, w.err = w.c.Writer.Write(text); w.err == nil {
		w.c.Writer.Flush()
	}
}
