import { Button, Modal } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { api, body, once, type Schema } from '../../lib/api';
import { useTenant } from '../../lib/clinic';
import { count } from '../../lib/format';
import { useOperation } from '../../lib/operations';
import { queryKeys } from '../../lib/query-keys';
import { Banner } from '../../ui/basics';
import { ErrorBanner, Loading } from '../../ui/states';
import { Preview } from './replay';
import { changesWords } from './replay-labels';

type Page = Schema['ListBodyEventView'];
type Ask = (query: { limit: number; cursor?: string }) => Promise<Page>;

const most = 500; // events of one bulk replay

/** The ids of the filter's deliveries, those that may be applied: our own reads and what is quarantined stay as they are. */
async function idsOf(ask: Ask): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined, more = true; more; ) {
    const page = await ask({ limit: 100, cursor });
    ids.push(...page.data.filter((e) => e.source === 'webhook' && e.outcome !== 'quarantined').map((e) => e.id));
    cursor = page.page.nextCursor ?? undefined;
    more = page.page.hasMore && ids.length <= most;
  }
  return ids;
}

/** Replays the events that the filter leaves, up to 500: counted exactly, previewed, confirmed. */
export function Bulk({ total, ask }: { total: number; ask: Ask }) {
  const [open, setOpen] = useState(false);
  if (total === 0 || total > most) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="bulk-replay">Reprocessar estes eventos</Button>
      <Modal opened={open} onClose={() => setOpen(false)} title="Reprocessar eventos" size="lg">{open && <Steps ask={ask} close={() => setOpen(false)} />}</Modal>
    </>
  );
}

function Steps({ ask, close }: { ask: Ask; close: () => void }) {
  const tenant = useTenant();
  const queries = useQueryClient();
  const call = (events: string[], dryRun: boolean) => body(api.POST('/v1/tenants/{tenant}/events/replays', { params: { path: { tenant }, header: once() }, body: { events, dryRun } }));
  const preview = useMutation({
    mutationFn: async () => {
      const ids = await idsOf(ask);
      return { ids, told: await call(ids, true) };
    },
  });
  const replay = useMutation({ mutationFn: (ids: string[]) => call(ids, false) });
  const operation = useOperation(replay.data?.operation?.id).data;
  const error = preview.error ?? replay.error;
  const finish = () => {
    void queries.invalidateQueries({ queryKey: queryKeys.events(tenant) });
    close();
  };
  if (error) return <ErrorBanner error={error} retry={() => (preview.error ? preview.mutate() : replay.reset())} />;
  if (operation && operation.state !== 'running') return <Result operation={operation} close={finish} />;
  if (replay.data || preview.isPending) return <Loading />;
  if (!preview.data) return <Button onClick={() => preview.mutate()} data-testid="bulk-preview">Ver o que mudaria</Button>;
  const { ids, told } = preview.data;
  return (
    <div className="stack" data-testid="bulk-told">
      <p style={{ margin: 0 }}><strong>{ids.length === 1 ? '1 evento' : `${count(ids.length)} eventos`}.</strong> Nada é enviado a clientes.</p>
      {told.preview && <Preview done={told.preview} />}
      <div className="row">
        <Button variant="filled" loading={replay.isPending} onClick={() => replay.mutate(ids)} data-testid="bulk-confirm">Confirmar</Button>
        <Button onClick={close}>Cancelar</Button>
      </div>
    </div>
  );
}

interface Outcome {
  events: number;
  changes: number;
  failed: number;
}

function Result({ operation, close }: { operation: Schema['OperationView']; close: () => void }) {
  const r = operation.result as unknown as Outcome | null;
  const failed = r?.failed ? ` ${count(r.failed)} falharam e serão tentados de novo.` : '';
  return (
    <div className="stack" data-testid="bulk-result">
      {operation.state === 'done' && r
        ? <Banner tone="success" title={`${r.events === 1 ? '1 evento reprocessado' : `${count(r.events)} eventos reprocessados`}: ${changesWords(r.changes)}.`}>{failed}</Banner>
        : <Banner tone="danger" alert title="O reprocessamento parou antes do fim.">Tente de novo em instantes; o que já foi feito fica.</Banner>}
      <div className="row"><Button onClick={close}>Fechar</Button></div>
    </div>
  );
}
