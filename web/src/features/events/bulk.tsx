import { Button, Modal } from '@mantine/core';
import { useState } from 'react';

import type { Schema } from '../../lib/api';
import { plural } from '../../lib/format';
import { useOperation } from '../../lib/operations';
import { Banner } from '../../ui/basics';
import { ErrorBanner, Loading } from '../../ui/states';
import { bulkLimit, useBulkReplay, type FetchPage } from './queries';
import { ReplayPreview } from './replay';
import { changesWords } from './replay-labels';

/** Replays the events of the filter, up to 500, after a preview and a confirmation. */
export function BulkReplay({ total, fetchPage }: { total: number; fetchPage: FetchPage }) {
  const [open, setOpen] = useState(false);
  if (total === 0 || total > bulkLimit) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="bulk-replay">
        Reprocessar estes eventos
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title="Reprocessar eventos" size="lg">
        {open && <BulkReplaySteps fetchPage={fetchPage} close={() => setOpen(false)} />}
      </Modal>
    </>
  );
}

function BulkReplaySteps({ fetchPage, close }: { fetchPage: FetchPage; close: () => void }) {
  const { preview, replay, readListAnew } = useBulkReplay(fetchPage);
  const operation = useOperation(replay.data?.operation?.id).data;
  const error = preview.error ?? replay.error;
  const finish = () => {
    readListAnew();
    close();
  };
  if (error) return <ErrorBanner error={error} retry={() => (preview.error ? preview.mutate() : replay.reset())} />;
  if (operation && operation.state !== 'running') return <BulkReplayResult operation={operation} close={finish} />;
  if (replay.data || preview.isPending) return <Loading />;
  if (!preview.data)
    return (
      <Button onClick={() => preview.mutate()} data-testid="bulk-preview">
        Ver o que mudaria
      </Button>
    );
  const { ids, changes } = preview.data;
  const nothing = changes.preview?.changes === 0;
  return (
    <div className="stack" data-testid="bulk-changes">
      <p>
        <strong>{plural(ids.length, 'evento', 'eventos')}.</strong> Nada é enviado a clientes.
      </p>
      {changes.preview && <ReplayPreview done={changes.preview} />}
      <div className="row">
        {!nothing && (
          <Button
            variant="filled"
            loading={replay.isPending}
            onClick={() => replay.mutate(ids)}
            data-testid="bulk-confirm"
          >
            Confirmar
          </Button>
        )}
        <Button onClick={close}>{nothing ? 'Fechar' : 'Cancelar'}</Button>
      </div>
    </div>
  );
}

interface Outcome {
  events: number;
  changes: number;
  failed: number;
}

function BulkReplayResult({ operation, close }: { operation: Schema['OperationView']; close: () => void }) {
  const r = operation.result as unknown as Outcome | null;
  const failed = r?.failed ? ` ${plural(r.failed, 'falhou e será tentado', 'falharam e serão tentados')} de novo.` : '';
  return (
    <div className="stack" data-testid="bulk-result">
      {operation.state === 'done' && r ? (
        <Banner
          tone="success"
          title={`${plural(r.events, 'evento reprocessado', 'eventos reprocessados')}: ${changesWords(r.changes)}.`}
        >
          {failed}
        </Banner>
      ) : (
        <Banner tone="danger" alert title="O reprocessamento parou antes do fim.">
          Tente de novo em instantes; o que já foi feito fica.
        </Banner>
      )}
      <div className="row">
        <Button onClick={close}>Fechar</Button>
      </div>
    </div>
  );
}
