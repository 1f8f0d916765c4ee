package simulator

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"patapay/domain"
	"patapay/domain/asaas/jsonobject"
)

// call is one authenticated request to the API; its handler runs under s.mu.
type call struct {
	s     *Simulator
	a     *account
	r     *http.Request
	query url.Values
	body  *jsonobject.Object
}

// scene returns the present moment in the caller's account.
func (c *call) scene() *scene {
	now := c.s.clock.Now()
	return &scene{c.s, c.a, now, now}
}

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

type endpoint struct {
	pattern, permission string
	handle              func(*call) answer
}

// endpoints is the API below /v3. The permissions' names are not published with the
// answers; these follow the sections of the key form (unverified).
var endpoints = []endpoint{
	{"GET /myAccount/status", "", (*call).status},
	{"GET /myAccount/commercialInfo", "", (*call).commercialInfo},
	{"GET /myAccount/accountNumber", "", (*call).accountNumber},
	{"GET /myAccount/fees", "", (*call).fees},
	{"GET /wallets", "", (*call).wallets},
	{"GET /webhooks", "WEBHOOK:READ", (*call).listHooks},
	{"POST /webhooks", "WEBHOOK:WRITE", (*call).createHook},
	{"GET /webhooks/{id}", "WEBHOOK:READ", (*call).getHook},
	{"PUT /webhooks/{id}", "WEBHOOK:WRITE", (*call).updateHook},
	{"DELETE /webhooks/{id}", "WEBHOOK:WRITE", (*call).deleteHook},
	{"POST /webhooks/{id}/removeBackoff", "WEBHOOK:WRITE", (*call).removeBackoff},
	{"POST /customers", "CUSTOMER:WRITE", (*call).createCustomer},
	{"GET /customers", "CUSTOMER:READ", (*call).listCustomers},
	{"GET /customers/{id}", "CUSTOMER:READ", (*call).getCustomer},
	{"GET /payments", "PAYMENT:READ", (*call).listPayments},
	{"POST /payments", "PAYMENT:WRITE", (*call).createPayment},
	{"GET /payments/{id}", "PAYMENT:READ", (*call).getPayment},
	{"PUT /payments/{id}", "PAYMENT:WRITE", (*call).updatePayment},
	{"DELETE /payments/{id}", "PAYMENT:WRITE", (*call).deletePayment},
	{"GET /payments/{id}/status", "PAYMENT:READ", (*call).paymentStatus},
	{"GET /payments/{id}/refunds", "PAYMENT:READ", (*call).listRefunds},
	{"GET /payments/{id}/chargeback", "PAYMENT:READ", (*call).disputeOfPayment},
	{"POST /payments/{id}/captureAuthorizedPayment", "PAYMENT:WRITE", (*call).capturePayment},
	{"POST /payments/{id}/bankSlip/refund", "PAYMENT:WRITE", (*call).refundBoleto},
	{"POST /payments/{id}/restore", "PAYMENT:WRITE", (*call).restorePayment},
	{"POST /payments/{id}/refund", "PAYMENT:WRITE", (*call).refundPayment},
	{"POST /payments/{id}/receiveInCash", "PAYMENT:WRITE", (*call).receiveInCash},
	{"POST /payments/{id}/undoReceivedInCash", "PAYMENT:WRITE", (*call).undoCash},
	{"POST /installments", "PAYMENT:WRITE", (*call).createPlan},
	{"GET /installments", "PAYMENT:READ", (*call).listPlans},
	{"GET /installments/{id}", "PAYMENT:READ", (*call).getPlan},
	{"DELETE /installments/{id}", "PAYMENT:WRITE", (*call).deletePlan},
	{"GET /installments/{id}/payments", "PAYMENT:READ", (*call).planPayments},
	{"POST /installments/{id}/refund", "PAYMENT:WRITE", (*call).refundPlan},
	{"POST /subscriptions", "SUBSCRIPTION:WRITE", (*call).createSubscription},
	{"GET /subscriptions", "SUBSCRIPTION:READ", (*call).listSubscriptions},
	{"GET /subscriptions/{id}", "SUBSCRIPTION:READ", (*call).getSubscription},
	{"GET /subscriptions/{id}/payments", "SUBSCRIPTION:READ", (*call).subscriptionPayments},
	{"DELETE /subscriptions/{id}", "SUBSCRIPTION:WRITE", (*call).deleteSubscription},
	{"GET /chargebacks", "PAYMENT:READ", (*call).listDisputes},
	{"POST /chargebacks/{id}/dispute", "PAYMENT:WRITE", (*call).contestDispute},
	{"POST /sandbox/payment/{id}/confirm", "PAYMENT:WRITE", (*call).forceConfirm},
	{"POST /sandbox/payment/{id}/overdue", "PAYMENT:WRITE", (*call).forceOverdue},
	{"POST /checkouts", "CHECKOUT:WRITE", (*call).createCheckout},
	{"POST /checkouts/{id}/cancel", "CHECKOUT:WRITE", (*call).cancelCheckout},
	{"GET /anticipations", "ANTICIPATION:READ", (*call).listAnticipations},
	{"POST /anticipations", "ANTICIPATION:WRITE", (*call).createAnticipation},
	{"GET /anticipations/limits", "ANTICIPATION:READ", (*call).anticipationLimits},
	{"GET /anticipations/configurations", "ANTICIPATION:READ", (*call).anticipationSettings},
	{"PUT /anticipations/configurations", "ANTICIPATION:WRITE", (*call).setAnticipation},
	{"POST /anticipations/simulate", "ANTICIPATION:READ", (*call).simulateAnticipation},
	{"GET /anticipations/{id}", "ANTICIPATION:READ", (*call).getAnticipation},
	{"POST /anticipations/{id}/cancel", "ANTICIPATION:WRITE", (*call).cancelAnticipation},
	{"GET /payments/limits", "PAYMENT:READ", (*call).paymentLimits},
	{"POST /payments/simulate", "PAYMENT:READ", (*call).simulateSale},
	{"GET /payments/{id}/pixQrCode", "PAYMENT:READ", (*call).pixQrCode},
	{"GET /payments/{id}/identificationField", "PAYMENT:READ", (*call).identificationField},
	{"GET /payments/{id}/viewingInfo", "PAYMENT:READ", (*call).viewingInfo},
	{"GET /payments/{id}/billingInfo", "PAYMENT:READ", (*call).billingInfo},
	{"GET /payments/{id}/escrow", "PAYMENT:READ", (*call).escrow},
	{"DELETE /installments/{id}/payments", "PAYMENT:WRITE", (*call).cancelPending},
	{"POST /transfers", "TRANSFER:WRITE", (*call).createTransfer},
	{"GET /transfers", "TRANSFER:READ", (*call).listTransfers},
	{"GET /transfers/{id}", "TRANSFER:READ", (*call).getTransfer},
	{"DELETE /transfers/{id}/cancel", "TRANSFER:WRITE", (*call).cancelTransfer},
	{"POST /accounts", "SUBACCOUNT:WRITE", (*call).createAccount},
	{"GET /accounts", "SUBACCOUNT:READ", (*call).listAccounts},
	{"GET /accounts/{id}", "SUBACCOUNT:READ", (*call).getAccount},
	{"GET /myAccount/documents", "", (*call).documents},
	{"POST /sandbox/myAccount/approve", "", (*call).approveAccount},
	{"GET /finance/payment/statistics", "FINANCIAL_TRANSACTION:READ", (*call).paymentStatistics},
	{"GET /finance/split/statistics", "FINANCIAL_TRANSACTION:READ", (*call).splitStatistics},
	{"GET /finance/balance", "FINANCIAL_TRANSACTION:READ", (*call).balance},
	{"GET /financialTransactions", "FINANCIAL_TRANSACTION:READ", (*call).listStatement},
}

// Endpoints returns what the API serves, each a method and a path below /v3 with its places
// in braces.
func Endpoints() (list []string) {
	for _, e := range endpoints {
		list = append(list, e.pattern)
	}
	return list
}

// routes returns the simulator's whole URL space. A trailing slash makes no difference.
func (s *Simulator) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, e := range endpoints {
		method, path, _ := strings.Cut(e.pattern, " ")
		handler := func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, e) }
		mux.HandleFunc(method+" /v3"+path, handler)
		mux.HandleFunc(method+" /v3"+path+"/{$}", handler)
	}
	s.adminRoutes(mux)
	return mux
}

// serve answers one API request: the content network's rule, the key, the limits, the
// permission, then the endpoint.
func (s *Simulator) serve(w http.ResponseWriter, r *http.Request, e endpoint) {
	w.Header().Set("Date", s.clock.Now().Format(http.TimeFormat))
	if r.Method == http.MethodGet && r.ContentLength != 0 {
		edge(w, http.StatusForbidden)
		return
	}
	k, no := s.authenticate(r.Header.Get("access_token"))
	if no != nil {
		respond(w, *no)
		return
	}
	if s.misbehave(w, r, k, e) {
		return
	}
	body, err := readBody(r)
	if err != nil {
		respond(w, invalid("O corpo da requisição é inválido."))
		return
	}
	done, limited := s.admit(w, r, k.owner)
	defer done()
	if limited {
		respond(w, refused(http.StatusTooManyRequests, "too_many_requests", "Limite de requisições excedido."))
		return
	}
	s.mu.Lock()
	s.catchUp()
	res := e.handle(&call{s: s, a: k.owner, r: r, query: r.URL.Query(), body: body})
	s.mu.Unlock()
	respond(w, res)
}

// readBody reads a JSON object or a multipart form; a request without a body has an empty one.
func readBody(r *http.Request) (*jsonobject.Object, error) {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			return nil, err
		}
		form := &jsonobject.Object{}
		for name, values := range r.MultipartForm.Value {
			form.Set(name, values[0])
		}
		return form, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil || len(raw) == 0 {
		return &jsonobject.Object{}, err
	}
	return jsonobject.Parse(raw)
}

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

// admit counts a request against the account's limits (docs/gateway.md, limits): 50
// GETs at once and the quota of 12 hours. done must be called when the request ends.
func (s *Simulator) admit(w http.ResponseWriter, r *http.Request, a *account) (done func(), limited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	if now.Sub(a.window) >= 12*time.Hour {
		a.window, a.used = now, 0
	}
	done = func() {}
	if a.used++; a.used > s.opts.Quota {
		limit(w, s.opts.Quota, a.window.Add(12*time.Hour).Sub(now))
		return done, true
	}
	if r.Method != http.MethodGet {
		return done, false
	}
	if a.reading >= maxReads {
		limit(w, maxReads, time.Second)
		return done, true
	}
	a.reading++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		a.reading--
	}, false
}

// maxReads is how many GETs of one account may be under way.
const maxReads = 50

// limit sets the headers of a limit that is used up for wait.
func limit(w http.ResponseWriter, of int, wait time.Duration) {
	w.Header().Set("RateLimit-Limit", strconv.Itoa(of))
	w.Header().Set("RateLimit-Remaining", "0")
	w.Header().Set("RateLimit-Reset", strconv.Itoa(int(wait.Seconds())))
}

// page returns the list envelope over what the query asks for (docs/gateway.md, lists).
func (c *call) page(items []any) answer {
	offset, limit := c.number("offset", 0), c.number("limit", 10)
	if limit < 1 || limit > 100 || offset < 0 {
		return invalid("O campo limit deve estar entre 1 e 100.")
	}
	from := min(offset, len(items))
	to := min(from+limit, len(items))
	return good(jsonobject.Of("object", "list", "hasMore", to < len(items), "totalCount", len(items),
		"limit", limit, "offset", offset, "data", append([]any{}, items[from:to]...)))
}

func (c *call) number(name string, fallback int) int {
	text := c.query.Get(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// within reports whether day t passes the query's range filters on field:
// field, field[ge] and field[le], each YYYY-MM-DD.
func (c *call) within(field string, t time.Time) bool {
	on, ge, le := c.query.Get(field), c.query.Get(field+"[ge]"), c.query.Get(field+"[le]")
	if on == "" && ge == "" && le == "" {
		return true
	}
	text, known := date(t).(string)
	return known && (on == "" || text == on) && (ge == "" || text >= ge) && (le == "" || text <= le)
}

// is reports whether a value passes the query's filter on field.
func (c *call) is(field, value string) bool {
	want := c.query.Get(field)
	return want == "" || want == value
}

// centsOf reads an amount above zero, in reais, from a request body.
func centsOf(value any) (cents, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	m, err := domain.ParseMoney(n.String())
	return cents(m), err == nil && m > 0
}
