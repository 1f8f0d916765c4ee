import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';

import { api, body, type Schema } from '../../lib/api';
import { useClinic, useConnection, useTenant } from '../../lib/clinic';
import { proven, stateOf } from '../../lib/connection-labels';
import { count, day, isoDay, money } from '../../lib/format';
import { usePolling } from '../../lib/live';
import { queryKeys } from '../../lib/query-keys';
import { advanced, sumFilters, useAdvanceSums, useInvoiceSums } from '../../lib/sums';
import { Amount, Badge, Kpi, PageHeader } from '../../ui/basics';
import { Empty, Fetched } from '../../ui/states';
import { SumKpi } from '../../ui/sum-kpi';
import { DataTable } from '../../ui/table';

type Status = Schema['InvoiceView']['status'];

/** The clinic at a glance: what needs somebody, and what came in last. */
export default function Home() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader title="Início" clinic={clinic?.name} />
      <Fetched query={useConnection()}>{(conn) => (conn.state === 'disconnected' ? <Connect /> : <Glance state={conn.state} />)}</Fetched>
    </>
  );
}

function Connect() {
  return (
    <section className="card stack form" data-testid="connect-card">
      <h2 style={{ margin: 0 }}>Conecte o Asaas para receber baixas automáticas</h2>
      <p style={{ margin: 0 }}>Leva cerca de 1 minuto. Você só precisa da chave de API.</p>
      <div className="row"><Link to="/app/configuracoes/webhooks/asaas">Conectar agora</Link></div>
    </section>
  );
}

interface Wish {
  id: string;
  text: (n: number) => string;
  link: LinkProps;
  n: number;
}

/** How many of a list there are. */
interface Counted {
  count?: { total: number };
}

async function counted(call: Promise<Counted>): Promise<number> {
  return (await call).count?.total ?? 0;
}

const plural = (one: string, many: string) => (n: number) => `${count(n)} ${n === 1 ? one : many}`;

/** What waits for somebody, each with the filtered page where it is found. */
function useWishes() {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  const path = { tenant };
  const one = { limit: 1, include: 'count' as const };
  return useQuery({
    queryKey: queryKeys.dashboard(tenant),
    refetchInterval: polling,
    queryFn: async () => {
      const invoices = (status: Status) => counted(body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path, query: { ...one, status: [status] } } })));
      const [overdue, disputed, failed, denied, balance] = await Promise.all([
        invoices('overdue'), invoices('disputed'),
        counted(body(api.GET('/v1/tenants/{tenant}/events', { params: { path, query: { ...one, outcome: ['dead', 'quarantined'] } } }))),
        counted(body(api.GET('/v1/tenants/{tenant}/anticipations', { params: { path, query: { ...one, status: ['denied'] } } }))),
        body(api.GET('/v1/tenants/{tenant}/ledger/balance', { params: { path } })),
      ]);
      const wishes: Wish[] = [
        { id: 'overdue', n: overdue, text: plural('fatura vencida: cobrar', 'faturas vencidas: cobrar'), link: { to: '/app/faturas', search: { status: 'overdue' } } },
        { id: 'disputed', n: disputed, text: plural('contestação: responder no Asaas', 'contestações: responder no Asaas'), link: { to: '/app/faturas', search: { status: 'disputed' } } },
        { id: 'denied', n: denied, text: plural('antecipação negada: ver o motivo', 'antecipações negadas: ver o motivo'), link: { to: '/app/antecipacoes', search: { status: 'denied' } } },
        { id: 'failed', n: failed, text: plural('evento com falha: ver a causa', 'eventos com falha: ver a causa'), link: { to: '/app/eventos', search: { visao: 'acao', periodo: 'tudo' } } },
      ];
      return { balance, wishes: wishes.filter((w) => w.n > 0) };
    },
  });
}

function Glance({ state }: { state: string }) {
  const [words, tone] = stateOf(state);
  const glance = useWishes();
  return (
    <div className="stack">
      <div className="row"><span>Conexão com o Asaas:</span><Badge tone={tone}>{words}</Badge><Link to="/app/configuracoes/webhooks/asaas/saude">Ver a saúde da conexão</Link></div>
      <Numbers balance={glance.data?.balance.available.amountCents} />
      <Fetched query={glance}>
        {(g) => (
          <section className="card stack">
            <h2 style={{ margin: 0 }}>Precisa de atenção</h2>
            {g.wishes.length === 0 && proven(state) ? <p style={{ margin: 0 }}>Tudo em dia por aqui.</p> : null}
            {g.wishes.length > 0 && <ul style={{ margin: 0, paddingLeft: 20 }}>{g.wishes.map((w) => <li key={w.id}><Link {...w.link} data-testid={`wish-${w.id}`}>{w.text(w.n)}</Link></li>)}</ul>}
          </section>
        )}
      </Fetched>
      <Receipts />
    </div>
  );
}

/** The same sums that the pages of invoices, anticipations and the statement show. */
function Numbers({ balance }: { balance: number | undefined }) {
  const today = isoDay(new Date());
  const advances = useAdvanceSums(true).data?.sums.reduce((n, s) => n + (advanced.has(s.key) ? s.fee.amountCents : 0), 0);
  return (
    <div className="grid">
      <SumKpi id="soon" name="A receber (30 dias)" sums={useInvoiceSums(sumFilters.soon(today))} counted={['fatura', 'faturas']} />
      <SumKpi id="overdue" name="Vencidas" sums={useInvoiceSums(sumFilters.overdue())} counted={['fatura', 'faturas']} />
      <SumKpi id="today" name="Recebidas hoje" sums={useInvoiceSums(sumFilters.paidToday(today))} counted={['fatura', 'faturas']} />
      <SumKpi id="fees" name="Taxas no mês" of="fee" sums={useInvoiceSums(sumFilters.paidThisMonth(today))} note={advances ? <>E {money(advances)} de antecipações</> : undefined} />
      <Kpi name="Saldo no Asaas"><span data-testid="kpi-balance">{balance === undefined ? '—' : money(balance)}</span></Kpi>
    </div>
  );
}

function Receipts() {
  const tenant = useTenant();
  const polling = usePolling(30_000);
  const list = useQuery({
    queryKey: queryKeys.receipts(tenant),
    refetchInterval: polling,
    queryFn: () => body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query: { limit: 5, sort: '-updatedAt', status: ['received', 'received_in_cash', 'confirmed'] } } })),
  });
  return (
    <section className="stack">
      <h2 style={{ margin: 0 }}>Últimos recebimentos</h2>
      <Fetched query={list}>
        {(page) => (page.data.length === 0 ? <Empty>Nenhum recebimento ainda.</Empty> : (
          <DataTable caption="Últimos recebimentos" rows={page.data} id={(v) => v.id} columns={[
            { name: 'Pagamento', cell: (v) => <Link to="/app/faturas/$id" params={{ id: v.id }} className="open">{day(v.clientPaymentDate ?? v.paymentDate)}</Link> },
            { name: 'Referência', cell: (v) => v.externalReference ?? '—' },
            { name: 'Valor', numeric: true, cell: (v) => <Amount value={v.value} /> },
            { name: 'Líquido', numeric: true, cell: (v) => <Amount value={v.netValue} /> },
          ]} />
        ))}
      </Fetched>
    </section>
  );
}
