import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import * as codes from './asaas-codes';
import * as endpoints from './endpoint-words';
import * as fleet from './fleet-words';
import * as objects from './object-words';
import * as common from './words';

const words = { ...common, ...objects, ...endpoints, ...fleet };

// The contract says which values there are; the dictionary must have a word for each.

interface Enumeration {
  place: string; // InvoiceView.status, or listInvoices?status
  values: string[];
}

const contract = JSON.parse(readFileSync('../api/v1/openapi.json', 'utf8'));

/** Every enumeration below a node of the contract, under the name of the place that has it. */
function enumerationsIn(node: unknown, place: string): Enumeration[] {
  if (node === null || typeof node !== 'object') return [];
  const own = 'enum' in node ? [{ place, values: (node.enum as unknown[]).map(String) }] : [];
  return [...own, ...Object.values(node).flatMap((child) => enumerationsIn(child, place))];
}

const inSchemas = Object.entries<any>(contract.components.schemas).flatMap(([name, schema]) =>
  Object.entries(schema.properties ?? {}).flatMap(([attribute, node]) => enumerationsIn(node, `${name}.${attribute}`)),
);
const operations: any[] = Object.values<any>(contract.paths).flatMap((path) => Object.values(path));
const inParameters = operations.flatMap((operation) =>
  (operation.parameters ?? []).flatMap((p: any) => enumerationsIn(p, `${operation.operationId}?${p.name}`)),
);
const enumerations: Enumeration[] = [...inSchemas, ...inParameters];

/** Which dictionary has the words of an enumeration, by the name of its place; the first that fits counts. */
const dictionaries: [place: RegExp, words: Record<string, string>][] = [
  [/^(InvoiceView\.|(listInvoices|getInvoiceSummary)\?)status$/, words.invoiceStatusWords],
  [/^(CheckoutView\.|(listCheckouts|getCheckoutSummary)\?)status$/, words.checkoutStatusWords],
  [/^(AnticipationView\.|(listAnticipations|getAnticipationSummary)\?)status$/, words.anticipationStatusWords],
  [/\.(confirmedBy|source)$/, words.sourceWords],
  [/\.environment$/, words.environmentWords],
  [
    /^(Connection(State)?View\.state|(GlanceView|FleetClinicView|ConnectionCountView|PreviewActionInputBody)\.connection|listFleet\?connection)$/,
    words.connectionStateWords,
  ],
  [/^(listFleet\?|PreviewActionInputBody\.)concern$/, words.concernWords],
  [/^(ActionView|ActionOutputBody|PreviewActionInputBody)\.kind$/, words.actionKindWords],
  [/^(ActionView|ActionOutputBody)\.state$/, words.actionStateWords],
  [/^ActionItemView\.state$/, words.actionItemStateWords],
  [/^(DeadlineView|DeadlineSumView)\.kind$|^listDeadlines\?kind$/, words.deadlineKindWords],
  [/^DeadlineView\.action$/, words.deadlineActionWords],
  [/^DeadlineView\.actor$/, words.deadlineActorWords],
  [/^DeadlineView\.ends$/, words.deadlineEndingWords],
  [/^DeadlineView\.state$/, words.deadlineStateWords],
  [/^ConditionView\.kind$/, words.conditionWords],
  [/^ConditionView\.action$/, words.conditionActionWords],
  [/^ReminderView\.kind$|Reminder\?kind$/, words.reminderWords],
  [/^BalanceCheckView\.state$/, words.balanceStateWords],
  [/^FactorView\.kind$/, words.factorKindWords],
  [/^CheckView\.name$/, words.checkNameWords],
  [/^CheckView\.status$/, words.checkStatusWords],
  [/^CheckView\.cause$/, words.pauseCauseWords],
  [/^RemovalView\.webhook$/, words.webhookRemovalWords],
  [/^(CreateExportInputBody|ExportView)\.kind$/, words.exportKindWords],
  [/^RefusalView\.kind$/, words.refusalKindWords],
  [/^(BookingView\.|FoundView\.|listLedgerEntries\?)kind$/, words.bookingKindWords],
  [/^WorkItemView\.kind$/, words.workItemKindWords],
  [/^(?!ShapeView\b).*[.?]kind$/, words.eventKindWords],
  [/^(WorkItemView|DecisionView|ResolveInputBody)\.outcome$/, words.workItemOutcomeWords],
  [/[.?]outcome$/, words.eventOutcomeWords],
  [/^DeliveryView\.timing$/, words.answerTimeWords],
  [/^MomentView\.what$/, words.timelineWords],
  [/^(ExportView|OperationView|FleetOperationView|StepView)\.state$/, words.operationStateWords],
  [/\?account$/, words.accountWords],
  [/^WorkItemView\.state$/, words.workItemStateWords],
  [/\.role$/, words.roleWords],
  [/^UserView\.state$/, words.userStateWords],
  [/^(TenantView\.|FleetClinicView\.|listTenants\?)state$/, words.clinicStateWords],
  [/\.theme$/, words.themeWords],
  [/^MailView\.phase$/, words.mailPhaseWords],
  [/^(ClinicChangeBody|ChangeInputBody|EndpointView|NewEndpoint|NewClinicEndpoint)\.types$/, words.endpointTypeWords],
  [
    /^(ClinicChangeBody|ChangeInputBody|EndpointView|NewEndpoint|NewClinicEndpoint)\.payload$/,
    words.endpointPayloadWords,
  ],
  [/^EndpointView\.state$/, words.endpointStateWords],
  [/^EndpointView\.reason$/, words.endpointReasonWords],
];

/** Enumerations that no page shows, each with the reason. */
const unshown: [place: RegExp, reason: string][] = [
  [/\.currency$/, 'every amount is in reais, and money() says so'],
  [/\.format$/, 'a file has one form'],
  [/\.tokenType$/, 'how a request carries its token'],
  [/^EntryView\.type$/, 'what the feed says to a program'],
  [/^ChangeUserInputBody\.serviceTokens$/, 'the dialog about them asks in whole sentences'],
  [/^ShapeView\.kind$/, 'what is new of Asaas, for operators'],
  [/^EventSummaryView\.step$/, 'how wide the bars of a chart are'],
  [/\?(include|sort|by)$/, 'how a list is asked for'],
  [/\?(source|tests)$/, 'the saved views of the events stand for them; checkouts are listed without tests'],
  [/^list\w+\?state$/, 'which rows are asked for'],
  [/\?dispute$/, 'which rows are asked for: the page of disputes has words of its own'],
];

const dictionaryOf = (place: string) => dictionaries.find(([form]) => form.test(place))?.[1];

test('the contract has enumerations', () => expect(enumerations.length).toBeGreaterThan(60));

test('every value of an enumeration has a word, or a reason why no page shows it', () => {
  const silent = enumerations.flatMap(({ place, values }) => {
    const dictionary = dictionaryOf(place);
    if (!dictionary) return unshown.some(([form]) => form.test(place)) ? [] : [`${place}: ${values.join(', ')}`];
    return values.filter((value) => !dictionary[value]).map((value) => `${place}: ${value}`);
  });
  expect(silent).toEqual([]);
});

test('no word stands for a value that the contract does not have', () => {
  for (const [form, dictionary] of dictionaries) {
    const values = new Set(enumerations.filter((e) => dictionaryOf(e.place) === dictionary).flatMap((e) => e.values));
    expect(
      Object.keys(dictionary).filter((value) => !values.has(value)),
      String(form),
    ).toEqual([]);
  }
});

test('a word is a word: no code stands for itself', () => {
  for (const dictionary of [...dictionaries.map(([, d]) => d), ...Object.values(codes)])
    for (const [code, word] of Object.entries(dictionary)) {
      expect(word).not.toBe(code);
      expect(word, code).not.toMatch(/[A-Z_]{6,}/);
    }
});

test('every kind of alarm has a word', () => {
  const kinds = [...readFileSync('../domain/kinds.go', 'utf8').matchAll(/\bAlarmKind = "(\w+)"/g)].map((m) => m[1]!);
  expect(kinds.length).toBeGreaterThan(10);
  expect(Object.keys(words.alarmWords).sort()).toEqual(kinds.sort());
});

test('every flag and every reason of an outcome has a word', () => {
  const constants = (file: string, prefix: string) =>
    [...readFileSync(`../domain/${file}`, 'utf8').matchAll(new RegExp(`\\b${prefix}\\w+\\s*= "(\\w+)"`, 'g'))].map(
      (m) => m[1]!,
    );
  const flags = [...constants('anomaly.go', 'Anomaly'), ...constants('projection.go', 'Flag')];
  const reasons = constants('outcome.go', 'Reason');
  expect(flags.length).toBeGreaterThan(10);
  expect(reasons.length).toBeGreaterThan(8);
  expect(flags.filter((flag) => !codes.flagWords[flag])).toEqual([]);
  expect(reasons.filter((reason) => !codes.reasonWords[reason])).toEqual([]);
});

test('a value that we have not met stays as it is', () => {
  expect(words.wordFor(words.roleWords, 'blessed')).toBe('blessed');
});
