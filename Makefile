# Two commands need nothing but Go and, as root on Debian, apt: `make run` and `make test`.

GO       ?= go
FUZZTIME ?= 60s
STACK     = ./bin/patapay devstack
REPORT    = ./bin/testreport

.PHONY: build web run image test bench bench-quick faults soak fuzz fmt lint vuln vet install clean generate release-contract

# The pages are made while Go compiles what does not hold them; then they are linked in.
build:
	@echo "building bin/patapay and its pages (two minutes the first time)"
	@scripts/web & web=$$!; $(GO) build ./... ; go=$$?; wait $$web && exit $$go
	@$(GO) build -o bin/patapay ./cmd/patapay
	@$(GO) build -o bin/testreport ./scripts/testreport

# The pages alone, into web/dist; nothing happens when nothing changed.
web:
	@scripts/web

# Everything on this machine: private Postgres and Redis, simulator, pages.
run: install build
	@./bin/patapay dev

# Build, vet, lint, every test, some of them again through PgBouncer, then the pages in a real browser; the last line counts them all.
test: install build vet lint
	@scripts/promtool
	@$(STACK) --pooler -- $(REPORT) -pooler -pages web -timeout 20m ./...

# Ratios to a naive baseline and to the build at EARLIER, interleaved rounds on production's settings; takes up to an
# hour. ROUNDS, COUNT and STORED make it shorter, BEFORE=folder takes a build that is there, JSON=file keeps every figure.
# bench-quick is one short round without the growth run, which looks for breakage.
EARLIER ?= a48109d
bench-quick: ROUNDS = 1
bench-quick: COUNT = 3000
bench-quick: STORED = 0
bench bench-quick: install build
	@$(GO) build -o bin/bench ./bench && $(GO) build -o bin/loadgen ./bench/loadgen && $(GO) build -o bin/naive ./bench/naive
	@[ -n "$(BEFORE)" ] || GO=$(GO) scripts/earlier $(EARLIER) bin/earlier || echo "without $(EARLIER): it needs the history"
	@before=$(or $(BEFORE),bin/earlier); [ -x $$before/patapay ] || before=; \
	./bin/bench -rounds $(or $(ROUNDS),5) -count $(or $(COUNT),20000) -stored $(or $(STORED),10000000) \
	  $${before:+-before $$before -name $(EARLIER)} $(if $(JSON),-json $(JSON))

# The fault matrix: tests named TestFault…, behind the build tag faults; one package after the other, for some take times.
# Then what the pages do in the browser, timed or long (Playwright's project speed), and the short form again through PgBouncer.
faults: install build
	@$(STACK) --durable -- $(REPORT) -speed web -p 1 -tags faults -run '^TestFault' -count 1 -timeout 60m ./...
	@PATAPAY_TEST_THROUGH=pooler $(STACK) --pooler -- $(REPORT) -p 1 -count 1 -timeout 30m ./api/webhook ./api/v1 ./jobs ./tenants/... ./cmd/patapay

# The long run: tests named TestSoak…, behind the build tag soak.
soak: install build
	@$(STACK) --durable -- $(REPORT) -p 1 -tags soak -run '^TestSoak' -count 1 -timeout 9h ./...

# The Dockerfile's steps without an engine, into bin/image; then the program that the image would hold says who it is.
image:
	@rm -rf bin/image && scripts/image bin/image
	@grep -q "assets/" bin/image/patapay && bin/image/patapay version

# Every fuzz target in turn, FUZZTIME each.
fuzz:
	@GO=$(GO) scripts/fuzz $(FUZZTIME)

# The Go client, anew from the contract (api/v1/openapi.json); the generator is pinned in tools/.
generate:
	@$(GO) generate ./api/client

# At a release: what v1 promises from now on; say in api/docs/changelog.md what changed.
release-contract:
	@cp api/v1/openapi.json api/contract/released.json

fmt:
	@$(GO) tool -modfile=tools/go.mod gofumpt -l -w $$(git ls-files '*.go' ':!*.gen.go')

# gofumpt, staticcheck and a limit of 120 columns over the program, ESLint over the pages with the layers of web/src as
# errors; without Node there are no pages to look at.
lint: web
	@GO=$(GO) scripts/lint
	@echo "eslint web"
	@[ ! -d web/node_modules ] || { cd web && npm run --silent lint; }

# Known faults of what the program is built with; asks vuln.go.dev, so it is no part of make test.
vuln:
	@$(GO) tool -modfile=tools/go.mod govulncheck ./...

vet:
	@echo "go vet ./..."
	@$(GO) vet ./...

# The programs that the commands above start; as root by apt, else it says what to install.
install:
	@scripts/install

clean:
	@rm -rf bin web/dist/assets web/dist/app.html web/dist/manifest.json web/dist/favicon.svg web/node_modules
