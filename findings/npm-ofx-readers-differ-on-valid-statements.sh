#!/bin/sh
# What: four readers of OFX bank statements on npm read three valid OFX 1.02 statements in four ways. An ampersand, which
# OFX writes as &amp;, comes back from node-ofx-parser 0.5.1 escaped twice more, and from
# ofx-data-extractor 1.5.0 as it was written; ofx-js 1.1.1 and ofx 0.5.0 read it. Of a month without a movement, whose
# list holds no STMTTRN (the specification: zero or more), and of a file with two accounts (two STMTTRNRS),
# ofx-data-extractor throws, a TypeError and a SyntaxError of JSON; the other three read them.
# Why it surprises: each is a reader of one old and small format, and a bank's customer cannot see which of them an
# accounting program has inside.
# Seen: 2026-11-30, Node 20. The script fails when the behaviour changes. It needs Node and npm's registry, and nothing
# of PataPay.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund ofx-js@1.1.1 node-ofx-parser@0.5.1 ofx@0.5.0 ofx-data-extractor@1.5.0
cat > read.js <<'EOF'
const head = ["OFXHEADER:100", "DATA:OFXSGML", "VERSION:102", "SECURITY:NONE", "ENCODING:USASCII", "CHARSET:1252",
  "COMPRESSION:NONE", "OLDFILEUID:NONE", "NEWFILEUID:NONE", "", ""].join("\n");
const movement = (id, name) => `<STMTTRN>\n<TRNTYPE>CREDIT\n<DTPOSTED>20260330\n<TRNAMT>100.10\n<FITID>${id}\n<NAME>${name}\n</STMTTRN>\n`;
const account = (number, movements) => "<STMTTRNRS>\n<TRNUID>1\n<STATUS>\n<CODE>0\n<SEVERITY>INFO\n</STATUS>\n<STMTRS>\n<CURDEF>BRL\n" +
  `<BANKACCTFROM>\n<BANKID>0461\n<ACCTID>${number}\n<ACCTTYPE>CHECKING\n</BANKACCTFROM>\n` +
  `<BANKTRANLIST>\n<DTSTART>20260301\n<DTEND>20260331\n${movements}</BANKTRANLIST>\n` +
  "<LEDGERBAL>\n<BALAMT>100.10\n<DTASOF>20260331\n</LEDGERBAL>\n</STMTRS>\n</STMTTRNRS>\n";
const file = (accounts) => head + "<OFX>\n<SIGNONMSGSRSV1>\n<SONRS>\n<STATUS>\n<CODE>0\n<SEVERITY>INFO\n</STATUS>\n" +
  `<DTSERVER>20260401\n<LANGUAGE>POR\n</SONRS>\n</SIGNONMSGSRSV1>\n<BANKMSGSRSV1>\n${accounts}</BANKMSGSRSV1>\n</OFX>\n`;
const statements = {
  "an ampersand": file(account("1", movement("A1", "Consulta &amp; vacina"))),
  "no movement": file(account("1", "")),
  "two accounts": file(account("1", movement("A1", "Consulta")) + account("2", movement("B1", "Vacina"))),
};
const names = (d) => [].concat(d.OFX.BANKMSGSRSV1.STMTTRNRS)
  .flatMap((r) => [].concat(r.STMTRS.BANKTRANLIST.STMTTRN ?? [])).map((m) => m.NAME);
const readers = {
  "ofx-js": async (s) => names(await require("ofx-js").parse(s)),
  "node-ofx-parser": async (s) => names(require("node-ofx-parser").parse(s)),
  "ofx": async (s) => names(require("ofx").parse(s)),
  "ofx-data-extractor": async (s) => new (require("ofx-data-extractor").Ofx)(s).getBankTransferList().map((m) => m.NAME),
};
(async () => {
  for (const [what, text] of Object.entries(statements))
    for (const [name, read] of Object.entries(readers))
      console.log(what + ", " + name + ": " + (await read(text).then(JSON.stringify, (e) => e.name)));
})();
EOF
cat > want <<'EOF'
an ampersand, ofx-js: ["Consulta & vacina"]
an ampersand, node-ofx-parser: ["Consulta &amp;amp;amp; vacina"]
an ampersand, ofx: ["Consulta & vacina"]
an ampersand, ofx-data-extractor: ["Consulta &amp; vacina"]
no movement, ofx-js: []
no movement, node-ofx-parser: []
no movement, ofx: []
no movement, ofx-data-extractor: TypeError
two accounts, ofx-js: ["Consulta","Vacina"]
two accounts, node-ofx-parser: ["Consulta","Vacina"]
two accounts, ofx: ["Consulta","Vacina"]
two accounts, ofx-data-extractor: SyntaxError
EOF
node read.js | tee got
cmp want got
