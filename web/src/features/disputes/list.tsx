import { Link, useNavigate, useSearch } from '@tanstack/react-router';

import type { Schema } from '../../lib/api';
import { useClinic } from '../../lib/clinic';
import { amount, countOf } from '../../lib/format';
import { useKnownMoney, useToday } from '../../lib/glance';
import { asaasLink } from '../../lib/links';
import { invoiceState } from '../../lib/object-labels';
import type { ListSearch } from '../../lib/search';
import { useInvoiceSums } from '../../lib/sums';
import { Badge, PageHeader } from '../../ui/basics';
import { ExportButton } from '../../ui/export-button';
import { FilterBar, SelectFilter } from '../../ui/filters';
import { List } from '../../ui/list';
import { MoneyPage } from '../../ui/money-page';
import { Empty } from '../../ui/states';
import type { Column } from '../../ui/table';
import { deadlineOf } from './deadline';
import { disputeFilters, disputeStates, filterOf, useDisputes } from './queries';
import { reasonWords, whatToSend } from './reasons';

type Invoice = Schema['InvoiceView'];

const answered = (v: Invoice) => v.asaasStatus !== 'CHARGEBACK_REQUESTED';
const ended = (v: Invoice) => v.status !== 'disputed';

/** Where a dispute stands; of one that is over, what became of the payment. */
const stateOf = (v: Invoice, today: string) =>
  ended(v) ? invoiceState(v, today)[0] : (disputeStates[v.asaasStatus ?? ''] ?? 'Contestada');

const columns = (today: string): Column<Invoice>[] => [
  {
    name: 'Prazo',
    phone: 'state',
    cell: (v) => {
      if (ended(v)) return <Badge tone="neutral">Encerrada</Badge>;
      const [words, tone] = deadlineOf(v.chargeback?.deadline ?? null, today, answered(v));
      return (
        <Badge tone={tone} testId="dispute-deadline">
          {words}
        </Badge>
      );
    },
  },
  {
    name: 'Cliente',
    phone: 'title',
    cell: (v) => (
      <Link to="/app/faturas/$id" params={{ id: v.id }} className="open">
        {v.customerName ?? v.externalReference ?? v.asaasId}
      </Link>
    ),
  },
  {
    name: 'Motivo e o que enviar',
    cell: (v) => (
      <>
        <div>{reasonWords(v.chargeback?.reason) ?? 'O Asaas não informou o motivo'}</div>
        {!answered(v) && <div className="small muted">{whatToSend(v.chargeback?.reason)}</div>}
        {asaasLink(v.invoiceUrl) && (
          <a href={asaasLink(v.invoiceUrl)!} target="_blank" rel="noreferrer noopener">
            Abrir no Asaas
          </a>
        )}
      </>
    ),
  },
  { name: 'Situação', phone: 'note', cell: (v) => stateOf(v, today) },
  { name: 'Em risco', numeric: true, phone: 'amount', cell: (v) => amount(v.chargeback?.value ?? v.value) },
];

/** What runs out first stands first; a deadline that is not known is as urgent as one of today. */
const byDeadline = (today: string) => (a: Invoice, b: Invoice) => {
  const end = (v: Invoice) => (answered(v) ? '9999' : (v.chargeback?.deadline ?? today));
  return end(a).localeCompare(end(b));
};

/** The payments that card holders dispute: until when to answer, what is at risk, and what to send. */
export default function Disputes() {
  const clinic = useClinic().data;
  const search = useSearch({ from: '/shell/app/disputas' });
  const navigate = useNavigate({ from: '/app/disputas' });
  const set = (change: ListSearch) => void navigate({ search: (old) => ({ ...old, cursor: undefined, ...change }) });
  const today = useToday();
  const known = useKnownMoney();
  const disputes = useDisputes(search);
  const sums = useInvoiceSums(filterOf(search)).data?.total;
  const counted = disputes.data?.count;
  const note = counted && countOf(counted, 'disputa', 'disputas');
  const first = disputes.data && { ...disputes.data, data: disputes.data.data.toSorted(byDeadline(today)) };
  return (
    <>
      <PageHeader
        title="Disputas"
        clinic={clinic?.name}
        actions={<ExportButton kind="invoices" query={filterOf(search)} fileName="disputas.csv" />}
      />
      <MoneyPage>
        <FilterBar
          chips={[
            search.status && {
              name: 'Situação',
              text: disputeFilters[search.status] ?? search.status,
              remove: () => set({ status: undefined }),
            },
          ]}
          note={note && sums && !counted.capped ? `${note} · ${known(sums.value.amountCents)}` : note}
        >
          <SelectFilter
            label="Situação"
            all="Abertas"
            names={disputeFilters}
            value={search.status}
            set={(status) => set({ status })}
          />
        </FilterBar>
        <List
          caption="Disputas, as de prazo mais próximo primeiro"
          columns={columns(today)}
          testId="dispute-row"
          query={{ ...disputes, data: first } as typeof disputes}
          go={(cursor) => set({ cursor })}
          empty={
            <Empty action={<Link to="/app/faturas">Ver as faturas</Link>}>
              {search.status ? 'Nenhuma disputa nesta situação.' : 'Nenhuma disputa aberta.'}
            </Empty>
          }
        />
        <p className="small muted below">
          Os documentos são enviados no Asaas. Quem não responde até o prazo perde o valor.
        </p>
      </MoneyPage>
    </>
  );
}
