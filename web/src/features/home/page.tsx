import { Link, type LinkProps } from '@tanstack/react-router';

import { useClinic, useConnection } from '../../lib/clinic';
import { proven, stateOf, well } from '../../lib/connection-labels';
import { day, isoDay, money, plural } from '../../lib/format';
import { advanced, sumFilters, useAdvanceSums, useInvoiceSums } from '../../lib/sums';
import { Amount, Badge, Banner, Kpi, PageHeader } from '../../ui/basics';
import { Empty, Fetched } from '../../ui/states';
import { SumKpi } from '../../ui/sum-kpi';
import { DataTable } from '../../ui/table';
import { useDashboard, useReceipts, type Waiting } from './queries';

/** The clinic's dashboard: what needs somebody, and what was paid last. */
export default function Home() {
  const clinic = useClinic().data;
  return (
    <>
      <PageHeader title="Início" clinic={clinic?.name} />
      <Fetched query={useConnection()}>
        {(conn) => (conn.state === 'disconnected' ? <Connect /> : <Dashboard state={conn.state} />)}
      </Fetched>
    </>
  );
}

function Connect() {
  return (
    <section className="card stack form" data-testid="connect-card">
      <h2>Conecte o Asaas para receber baixas automáticas</h2>
      <p>Leva cerca de 1 minuto. Você só precisa da chave de API.</p>
      <div className="row">
        <Link to="/app/configuracoes/webhooks/asaas">Conectar agora</Link>
      </div>
    </section>
  );
}

interface Todo {
  id: string;
  text: (n: number) => string;
  link: LinkProps;
  n: number;
}

/** What waits for somebody, each with the filtered page where it is found. */
function todosOf(waiting: Waiting): Todo[] {
  const todos: Todo[] = [
    {
      id: 'overdue',
      n: waiting.overdue,
      text: (n) => plural(n, 'fatura vencida: cobrar', 'faturas vencidas: cobrar'),
      link: { to: '/app/faturas', search: { status: 'overdue' } },
    },
    {
      id: 'disputed',
      n: waiting.disputed,
      text: (n) => plural(n, 'contestação: responder no Asaas', 'contestações: responder no Asaas'),
      link: { to: '/app/faturas', search: { status: 'disputed' } },
    },
    {
      id: 'denied',
      n: waiting.denied,
      text: (n) => plural(n, 'antecipação negada: ver o motivo', 'antecipações negadas: ver o motivo'),
      link: { to: '/app/antecipacoes', search: { status: 'denied' } },
    },
    {
      id: 'unknown-at-asaas',
      n: waiting.notAtAsaas,
      text: (n) => plural(n, 'pagamento que o Asaas não conhece', 'pagamentos que o Asaas não conhece'),
      link: { to: '/app/faturas', search: { status: 'not_at_asaas' } },
    },
    {
      id: 'work-items',
      n: waiting.workItems,
      text: (n) => plural(n, 'pendência sobre dinheiro: decidir', 'pendências sobre dinheiro: decidir'),
      link: { to: '/app/pendencias' },
    },
    {
      id: 'failed',
      n: waiting.failed,
      text: (n) => plural(n, 'evento com falha: ver a causa', 'eventos com falha: ver a causa'),
      link: { to: '/app/eventos', search: { visao: 'acao', periodo: 'tudo' } },
    },
  ];
  return todos.filter((todo) => todo.n > 0);
}

function Dashboard({ state }: { state: string }) {
  const [words, tone] = stateOf(state);
  const dashboard = useDashboard();
  return (
    <div className="stack">
      <div className="row">
        <span>Conexão com o Asaas:</span>
        <Badge tone={tone}>{words}</Badge>
        <Link to="/app/configuracoes/webhooks/asaas/saude">Ver a saúde da conexão</Link>
      </div>
      <Numbers balance={dashboard.data?.balance.available.amountCents} />
      <Fetched query={dashboard}>{(d) => <Attention todos={todosOf(d.waiting)} state={state} />}</Fetched>
      <Receipts />
    </div>
  );
}

function Attention({ todos, state }: { todos: Todo[]; state: string }) {
  const broken = proven(state) && !well(state);
  return (
    <section className="card stack">
      <h2>Precisa de atenção</h2>
      {broken && (
        <Banner tone="warning" title={`Conexão com o Asaas: ${stateOf(state)[0]}`}>
          Os números abaixo podem estar desatualizados.{' '}
          <Link to="/app/configuracoes/webhooks/asaas/saude" data-testid="todo-connection">
            Ver o que fazer
          </Link>
        </Banner>
      )}
      {todos.length === 0 && well(state) && <p>Tudo em dia por aqui.</p>}
      {todos.length > 0 && (
        <ul>
          {todos.map((todo) => (
            <li key={todo.id}>
              <Link {...todo.link} data-testid={`todo-${todo.id}`}>
                {todo.text(todo.n)}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The same sums that the pages of invoices, anticipations and the statement show. */
function Numbers({ balance }: { balance: number | undefined }) {
  const today = isoDay(new Date());
  const advances = useAdvanceSums(true).data?.sums.reduce(
    (n, s) => n + (advanced.has(s.key) ? s.fee.amountCents : 0),
    0,
  );
  return (
    <div className="grid">
      <SumKpi
        id="soon"
        name="A receber (30 dias)"
        sums={useInvoiceSums(sumFilters.soon(today))}
        counted={['fatura', 'faturas']}
      />
      <SumKpi
        id="overdue"
        name="Vencidas"
        sums={useInvoiceSums(sumFilters.overdue())}
        counted={['fatura', 'faturas']}
      />
      <SumKpi
        id="today"
        name="Recebidas hoje"
        sums={useInvoiceSums(sumFilters.paidToday(today))}
        counted={['fatura', 'faturas']}
      />
      <SumKpi
        id="fees"
        name="Taxas no mês"
        of="fee"
        sums={useInvoiceSums(sumFilters.paidThisMonth(today))}
        note={advances ? <>E {money(advances)} de antecipações</> : undefined}
      />
      <Kpi name="Saldo no Asaas">
        <span data-testid="kpi-balance">{balance === undefined ? '—' : money(balance)}</span>
      </Kpi>
    </div>
  );
}

function Receipts() {
  return (
    <section className="stack">
      <h2>Últimos recebimentos</h2>
      <Fetched query={useReceipts()}>
        {(page) =>
          page.data.length === 0 ? (
            <Empty>Nenhum recebimento ainda.</Empty>
          ) : (
            <DataTable
              caption="Últimos recebimentos"
              rows={page.data}
              id={(v) => v.id}
              columns={[
                {
                  name: 'Pagamento',
                  cell: (v) => (
                    <Link to="/app/faturas/$id" params={{ id: v.id }} className="open">
                      {day(v.clientPaymentDate ?? v.paymentDate)}
                    </Link>
                  ),
                },
                { name: 'Referência', cell: (v) => v.externalReference ?? '—' },
                { name: 'Valor', numeric: true, cell: (v) => <Amount value={v.value} /> },
                { name: 'Líquido', numeric: true, cell: (v) => <Amount value={v.netValue} /> },
              ]}
            />
          )
        }
      </Fetched>
    </section>
  );
}
