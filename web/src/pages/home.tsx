import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';

import { api, body, type Schema } from '../app/api';
import { useClinic, useConnection, useTenant } from '../app/clinic';
import { Amount, Badge, Kpi, PageHeader } from '../parts/basics';
import { Empty, Fetched } from '../parts/states';
import { DataTable } from '../parts/table';
import { proven, stateOf } from '../words/connection';
import { count, day, money } from '../words/format';

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

/** How many invoices stand at a status. */
async function invoices(tenant: string, status: Status): Promise<number> {
  const page = await body(api.GET('/v1/tenants/{tenant}/invoices', { params: { path: { tenant }, query: { limit: 1, include: 'count', status: [status] } } }));
  return page.count?.total ?? 0;
}

async function events(tenant: string): Promise<number> {
  const page = await body(api.GET('/v1/tenants/{tenant}/events', { params: { path: { tenant }, query: { limit: 1, include: 'count', outcome: ['dead', 'quarantined'] } } }));
  return page.count?.total ?? 0;
}

async function denied(tenant: string): Promise<number> {
  const page = await body(api.GET('/v1/tenants/{tenant}/anticipations', { params: { path: { tenant }, query: { limit: 1, include: 'count', status: ['denied'] } } }));
  return page.count?.total ?? 0;
}

const plural = (one: string, many: string) => (n: number) => `${count(n)} ${n === 1 ? one : many}`;

function useGlance() {
  const tenant = useTenant();
  return useQuery({
    queryKey: ['glance', tenant],
    refetchInterval: 30_000,
    queryFn: async () => {
      const [pending, overdue, disputed, failed, refused, balance] = await Promise.all([
        invoices(tenant, 'pending'), invoices(tenant, 'overdue'), invoices(tenant, 'disputed'), events(tenant), denied(tenant),
        body(api.GET('/v1/tenants/{tenant}/ledger/balance', { params: { path: { tenant } } })),
      ]);
      const wishes: Wish[] = [
        { id: 'overdue', n: overdue, text: plural('fatura vencida: cobrar', 'faturas vencidas: cobrar'), link: { to: '/app/faturas', search: { status: 'overdue' } } },
        { id: 'disputed', n: disputed, text: plural('contestação: responder no Asaas', 'contestações: responder no Asaas'), link: { to: '/app/faturas', search: { status: 'disputed' } } },
        { id: 'denied', n: refused, text: plural('antecipação negada: ver o motivo', 'antecipações negadas: ver o motivo'), link: { to: '/app/antecipacoes', search: { status: 'denied' } } },
        { id: 'failed', n: failed, text: plural('evento com falha: ver a causa', 'eventos com falha: ver a causa'), link: { to: '/app/eventos', search: { visao: 'acao' } } },
      ];
      return { pending, overdue, balance, wishes: wishes.filter((w) => w.n > 0) };
    },
  });
}

function Glance({ state }: { state: string }) {
  const [words, tone] = stateOf(state);
  return (
    <div className="stack">
      <div className="row"><span>Conexão com o Asaas:</span><Badge tone={tone}>{words}</Badge><Link to="/app/configuracoes/webhooks/asaas/saude">Ver a saúde da conexão</Link></div>
      <Fetched query={useGlance()}>
        {(g) => (
          <>
            <div className="grid">
              <Kpi name="Faturas a receber"><span data-testid="kpi-pending">{count(g.pending)}</span></Kpi>
              <Kpi name="Faturas vencidas"><span data-testid="kpi-overdue">{count(g.overdue)}</span></Kpi>
              <Kpi name="Saldo no Asaas"><span data-testid="kpi-balance">{money(g.balance.available.amountCents)}</span></Kpi>
              <Kpi name="Taxas do Asaas">{money(g.balance.accounts?.find((a) => a.account === 'gateway_fee')?.balance.amountCents ?? 0)}</Kpi>
            </div>
            <section className="card stack">
              <h2 style={{ margin: 0 }}>Precisa de atenção</h2>
              {g.wishes.length === 0 && proven(state) ? <p style={{ margin: 0 }}>Tudo em dia por aqui.</p> : null}
              {g.wishes.length > 0 && <ul style={{ margin: 0, paddingLeft: 20 }}>{g.wishes.map((w) => <li key={w.id}><Link {...w.link} data-testid={`wish-${w.id}`}>{w.text(w.n)}</Link></li>)}</ul>}
            </section>
          </>
        )}
      </Fetched>
      <Receipts />
    </div>
  );
}

function Receipts() {
  const tenant = useTenant();
  const list = useQuery({
    queryKey: ['receipts', tenant],
    refetchInterval: 30_000,
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
