import { Button } from '@mantine/core';
import type { InfiniteData } from '@tanstack/react-query';
import { useState } from 'react';

import { useClinic, useMay, useTenant } from '../../lib/clinic';
import { download } from '../../lib/download';
import { dayOf, money } from '../../lib/format';
import { useKnownMoney } from '../../lib/glance';
import { Banner, Kpi, PageHeader } from '../../ui/basics';
import { MoneyPage } from '../../ui/money-page';
import { Empty, ErrorBanner, Fetched, Loading } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { toast } from '../../ui/toast';
import { FeesByMonth, OverdueByAge } from './charts';
import { daysToShow, CashFlow } from './flow';
import { daysOf, lines, type Line } from './lines';
import { account, fetchStatement, useBalance, useEntries, type Entries } from './queries';

const columns: Column<Line>[] = [
  { name: 'Data', cell: (l) => (l.at ? <time dateTime={l.at}>{dayOf(l.at)}</time> : '—') },
  { name: 'Descrição', cell: (l) => l.words },
  { name: 'Referência', cell: (l) => (l.subject === 'opening' ? '—' : <code>{l.subject}</code>) },
  { name: 'Entrada', numeric: true, cell: (l) => (l.cents > 0 ? money(l.cents) : '') },
  { name: 'Saída', numeric: true, cell: (l) => (l.cents < 0 ? money(-l.cents) : '') },
  { name: 'Saldo', numeric: true, cell: (l) => money(l.balance) },
];

/** What came into and went out of the balance at Asaas, with the balance after each line. */
export default function Ledger() {
  const clinic = useClinic().data;
  const balance = useBalance();
  const entries = useEntries();
  const known = useKnownMoney();
  return (
    <>
      <PageHeader
        title="Extrato"
        clinic={clinic?.name}
        lead="O que entrou e saiu do saldo no Asaas, pelos avisos recebidos."
        actions={
          <>
            <Button onClick={() => print()}>Imprimir</Button>
            <ExportButton />
          </>
        }
      />
      <MoneyPage hidden>
        <Fetched query={balance}>
          {(b) => (
            <div className="stack">
              <div className="grid">
                <Kpi name="Saldo no Asaas">
                  <span data-testid="balance">{known(b.available.amountCents)}</span>
                </Kpi>
                <Kpi name="Taxas do Asaas">
                  {known(b.accounts?.find((a) => a.account === 'gateway_fee')?.balance.amountCents ?? 0)}
                </Kpi>
                <Kpi name="Taxas de antecipação">
                  {known(b.accounts?.find((a) => a.account === 'anticipation_fee')?.balance.amountCents ?? 0)}
                </Kpi>
              </div>
              <OverdueByAge />
              {entries.error && <ErrorBanner error={entries.error} retry={() => void entries.refetch()} />}
              {entries.isPending && <Loading />}
              {entries.data && (
                <Lines
                  closing={b.available.amountCents}
                  data={entries.data}
                  more={entries.hasNextPage}
                  loading={entries.isFetchingNextPage}
                  next={() => void entries.fetchNextPage()}
                />
              )}
            </div>
          )}
        </Fetched>
      </MoneyPage>
    </>
  );
}

function Lines({
  closing,
  data,
  more,
  loading,
  next,
}: {
  closing: number;
  data: InfiniteData<Entries>;
  more: boolean;
  loading: boolean;
  next: () => void;
}) {
  const rows = lines(
    data.pages.flatMap((p) => p.data ?? []),
    account,
    closing,
  );
  const opening = rows.length ? rows.at(-1)!.balance - rows.at(-1)!.cents : closing;
  if (rows.length === 0) return <Empty>Nenhum lançamento ainda. Eles aparecem quando uma fatura é recebida.</Empty>;
  return (
    <>
      {!more && opening !== 0 && (
        <Banner tone="danger" alert>
          Diferença de {money(opening)} entre as linhas e o saldo.
        </Banner>
      )}
      <CashFlow days={daysOf(rows)} />
      {daysOf(rows).length >= daysToShow && <FeesByMonth />}
      <p className="printed">
        Período: de {dayOf(rows.at(-1)!.at)} a {dayOf(rows[0]!.at)}
      </p>
      <DataTable
        caption="Lançamentos, os mais novos primeiro"
        columns={columns}
        rows={rows}
        id={(l) => l.id}
        testId="ledger-row"
      />
      <p className="small muted">
        {more ? `Saldo antes destas linhas: ${money(opening)}.` : `Saldo inicial: ${money(opening)}.`}
      </p>
      {more && (
        <div className="row noprint">
          <Button loading={loading} onClick={next}>
            Mostrar mais antigos
          </Button>
        </div>
      )}
    </>
  );
}

/** The whole statement as a file for spreadsheets; made by the server. */
function ExportButton() {
  const tenant = useTenant();
  const may = useMay('exports:write'); // readers export nothing
  const [error, setError] = useState<unknown>(null);
  if (!may) return null;
  const save = async () => {
    setError(null);
    try {
      download('extrato.csv', await fetchStatement(tenant), 'text/csv;charset=utf-8');
      toast('Exportação pronta.');
    } catch (e) {
      setError(e);
    }
  };
  return (
    <>
      <Button onClick={() => void save()} data-testid="export-csv">
        Exportar CSV
      </Button>
      {error !== null && <ErrorBanner error={error} retry={() => void save()} />}
    </>
  );
}
