import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import type { Schema } from '../../lib/api';
import { useClinic, useMay } from '../../lib/clinic';
import { countOf, day, moneyFormatHelp, parseMoney } from '../../lib/format';
import { useKnownMoney, useToday } from '../../lib/glance';
import { invoiceFilters, methodOf, methods } from '../../lib/object-labels';
import type { InvoiceSearch } from '../../lib/search';
import { sumFilters, useInvoiceSums } from '../../lib/sums';
import { Amount, PageHeader } from '../../ui/basics';
import { DateRange } from '../../ui/date-field';
import { ExportButton } from '../../ui/export-button';
import { FilterBar, SelectFilter, span, TextFilter, type Chip } from '../../ui/filters';
import { List } from '../../ui/list';
import { MoneyPage } from '../../ui/money-page';
import { Empty } from '../../ui/states';
import { SumKpi } from '../../ui/sum-kpi';
import type { Column } from '../../ui/table';
import { InvoiceBadge, Payer } from './badges';
import { filterOf, refusedIn, situations, sorts } from './filter';
import { useInvoices, useLatePayerNames } from './queries';
import { ShareBar } from './share-bar';

type Invoice = Schema['InvoiceView'];

/** The columns of the list. `names` are the payers' names that came after it. */
const columns = (names: Map<string, string>): Column<Invoice>[] => [
  {
    name: 'Vencimento',
    sort: 'dueDate',
    phone: 'note',
    cell: (v) => (
      <Link to="/app/faturas/$id" params={{ id: v.id }} className="open">
        {v.dueDate ? <time dateTime={v.dueDate}>{day(v.dueDate)}</time> : 'Sem data'}
      </Link>
    ),
  },
  {
    name: 'Cliente',
    phone: 'title',
    cell: (v) => <Payer id={v.customer} name={v.customerName ?? names.get(v.customer ?? '')} />,
  },
  {
    name: 'Descrição',
    cell: (v) => (
      <>
        <div className="clip">{v.description ?? '—'}</div>
        <div className="clip small muted">
          {v.externalReference && <>{v.externalReference} · </>}
          <code>{v.asaasId}</code>
        </div>
      </>
    ),
  },
  { name: 'Forma', spare: true, cell: (v) => <span className="whole">{methodOf(v.method)}</span> },
  { name: 'Valor', numeric: true, sort: 'amountCents', phone: 'amount', cell: (v) => <Amount value={v.value} /> },
  { name: 'Líquido', numeric: true, spare: true, cell: (v) => <Amount value={v.netValue} /> },
  {
    name: 'Situação',
    phone: 'state',
    cell: (v) => (
      <div className="wide">
        <InvoiceBadge invoice={v} />
      </div>
    ),
  },
];

/** Says what is wrong with a typed payer. A name needs three letters, and a person who may see names. */
const typedPayer = (names: boolean) => (text: string) => {
  if (text.startsWith('cus_')) return '';
  if (!names) return 'Seu perfil não mostra nomes de clientes. Use o ID cus_….';
  return /[\p{L}\p{N}]{3}/u.test(text.normalize('NFC').replace(/['’‘`´]/g, ''))
    ? ''
    : 'Digite ao menos 3 letras do nome.';
};

const typedMoney = (text: string) => (parseMoney(text) === null ? moneyFormatHelp : '');

/** The clinic's invoices, as Asaas's events tell of them. */
export default function Invoices() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/faturas' });
  const navigate = useNavigate({ from: '/app/faturas' });
  const set = (change: InvoiceSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const clear = () => void navigate({ search: {} });
  const names = useMay('personal:read');
  const today = useToday();
  const filtered = Object.values(search).some(Boolean);
  const { list, fetch } = useInvoices(search);
  const lateNames = useLatePayerNames(search, list.data?.data);
  return (
    <>
      <PageHeader
        title="Faturas"
        clinic={clinic?.name}
        actions={<ExportButton kind="invoices" query={filterOf(search)} fileName="faturas.csv" />}
      />
      <MoneyPage>
        <FilterBar
          search={
            <TextFilter
              bare
              label="Buscar"
              placeholder="Busque por cliente, referência, valor, vencimento ou ID pay_…"
              value={search.q}
              set={(q) => set({ q })}
            />
          }
          chips={chipsOf(search, set)}
          clear={filtered ? clear : undefined}
          note={list.data?.count && <FilteredSum search={search} counted={list.data.count} />}
        >
          <SelectFilter
            label="Situação"
            all="Todas"
            names={situations}
            value={search.status}
            set={(status) => set({ status })}
          />
          <TextFilter
            label="Cliente"
            placeholder={names ? 'Nome ou ID cus_…' : 'ID cus_…'}
            value={search.cliente}
            set={(cliente) => set({ cliente })}
            check={typedPayer(names)}
          />
          <SelectFilter
            label="Forma"
            all="Todas"
            names={methods}
            value={search.forma}
            set={(forma) => set({ forma })}
          />
          <SelectFilter
            label="Cartão recusado"
            all="Tanto faz"
            names={refusedIn}
            value={search.recusado}
            set={(recusado) => set({ recusado })}
          />
          <DateRange
            name="Vencimento"
            today={today}
            from={search.vencimentoDe}
            to={search.vencimentoAte}
            set={(vencimentoDe, vencimentoAte) => set({ vencimentoDe, vencimentoAte })}
          />
          <DateRange
            name="Pagamento"
            today={today}
            from={search.pagoDe}
            to={search.pagoAte}
            set={(pagoDe, pagoAte) => set({ pagoDe, pagoAte })}
          />
          <TextFilter
            label="Valor de"
            placeholder="R$ 0,00"
            value={search.valorDe}
            set={(valorDe) => set({ valorDe })}
            check={typedMoney}
          />
          <TextFilter
            label="Valor até"
            placeholder="R$ 0,00"
            value={search.valorAte}
            set={(valorAte) => set({ valorAte })}
            check={typedMoney}
          />
          <SelectFilter
            label="Ordem"
            all="Mais novas"
            names={sorts}
            value={search.ordem}
            set={(ordem) => set({ ordem })}
          />
        </FilterBar>
        <List
          caption="Faturas"
          columns={columns(lateNames)}
          testId="invoice-row"
          query={list}
          start={search.cursor || search.ordem ? undefined : { list: 'invoices', filter: search, fetch }}
          go={(cursor) => set({ cursor })}
          order={{ value: search.ordem, set: (ordem) => set({ ordem }) }}
          empty={
            filtered ? (
              <Empty action={<Button onClick={clear}>Limpar filtros</Button>}>Nenhuma fatura com estes filtros.</Empty>
            ) : (
              <Empty action={<Link to="/app/configuracoes/webhooks">Ver a conexão</Link>}>
                Nenhuma fatura ainda. Importe as dos últimos 90 dias.
              </Empty>
            )
          }
        />
        <section className="below" aria-label="Resumo de todas as faturas">
          <Sums />
          <Shares chosen={search.status} />
        </section>
      </MoneyPage>
    </>
  );
}

/** What all invoices are summed by, and those that are filtered: without a filter it is one question. */
const byStatus = { by: 'status' as const };
const nothing = { count: 0, value: { amountCents: 0 }, fee: { amountCents: 0 } };

/** How many invoices the filters leave and what they come to; of more than are counted it says only how many. */
function FilteredSum({ search, counted }: { search: InvoiceSearch; counted: { total: number; capped: boolean } }) {
  const known = useKnownMoney();
  const sums = useInvoiceSums({ ...filterOf(search), ...byStatus }, !counted.capped && counted.total > 0).data?.total;
  return (
    <span data-testid="filtered-sum">
      {countOf(counted, 'fatura', 'faturas')}
      {sums && !counted.capped && ` · ${known(sums.value.amountCents)} · líquido ${known(sums.netValue.amountCents)}`}
    </span>
  );
}

/** The filters that are on, beside the search. */
function chipsOf(s: InvoiceSearch, set: (change: InvoiceSearch) => void): (Chip | '' | undefined)[] {
  const one = (name: string, text: string | undefined, off: InvoiceSearch): Chip | undefined =>
    text ? { name, text, remove: () => set(off) } : undefined;
  return [
    one('Situação', s.status && (situations[s.status] ?? s.status), { status: undefined }),
    one('Cliente', s.cliente, { cliente: undefined }),
    one('Forma', s.forma && (methods[s.forma] ?? s.forma), { forma: undefined }),
    one('Cartão recusado', s.recusado && refusedIn[s.recusado]?.toLowerCase(), { recusado: undefined }),
    one('Vencimento', span(s.vencimentoDe && day(s.vencimentoDe), s.vencimentoAte && day(s.vencimentoAte)), {
      vencimentoDe: undefined,
      vencimentoAte: undefined,
    }),
    one('Pagamento', span(s.pagoDe && day(s.pagoDe), s.pagoAte && day(s.pagoAte)), {
      pagoDe: undefined,
      pagoAte: undefined,
    }),
    one('Valor', span(s.valorDe, s.valorAte), { valorDe: undefined, valorAte: undefined }),
    one('Ordem', s.ordem && sorts[s.ordem]?.toLowerCase(), { ordem: undefined }),
  ];
}

/** What is due, overdue, paid, and kept by Asaas as fees: two questions, of which the list above asks one too. */
function Sums() {
  const month = useInvoiceSums(sumFilters.paidThisMonth(useToday()));
  const all = useInvoiceSums(byStatus).data?.sums;
  const of = (status: string) => all && (all.find((s) => s.key === status) ?? nothing);
  return (
    <div className="grid above">
      <SumKpi id="waiting" name="A receber" sum={of('pending')} counted={['fatura', 'faturas']} />
      <SumKpi id="overdue" name="Vencidas" sum={of('overdue')} counted={['fatura', 'faturas']} />
      <SumKpi id="month" name="Recebidas no mês" sum={month.data?.total} counted={['fatura', 'faturas']} />
      <SumKpi id="fees" name="Taxas" of="fee" sum={month.data?.total} note="Das recebidas no mês" />
    </div>
  );
}

/** What the invoices of each state come to, as one bar whose parts are filters. */
function Shares({ chosen }: { chosen: string | undefined }) {
  const by = new Map(useInvoiceSums(byStatus).data?.sums.map((s) => [s.key, s]));
  const parts = Object.entries(invoiceFilters).map(([id, name]) => ({
    id,
    name,
    count: by.get(id)?.count ?? 0,
    cents: by.get(id)?.value.amountCents ?? 0,
  }));
  if (!parts.some((p) => p.count > 0)) return null;
  return (
    <ShareBar
      name="situacao"
      title="Faturas por situação"
      parts={parts}
      chosen={chosen}
      link={(status) => ({ to: '/app/faturas', search: { status } })}
    />
  );
}
