import { Button } from '@mantine/core';

import type { Schema } from '../../lib/api';
import { useMay } from '../../lib/clinic';
import { Banner } from '../../ui/basics';
import { ErrorBanner } from '../../ui/states';
import { DiffList } from './diff';
import { useReplay } from './queries';
import { changesWords } from './replay-labels';

type ReplayResult = Schema['ReplayView'];

/** Replays one event: what would change, the confirmation, and what changed. Nothing is sent to customers. */
export function ReplayCard({ id }: { id: string }) {
  const may = useMay('events:replay');
  const { preview, replay } = useReplay(id);
  if (!may) return null;
  const showPreview = () => {
    replay.reset();
    preview.mutate();
  };
  const error = preview.error ?? replay.error;
  return (
    <section className="card stack noprint">
      <div className="row">
        <Button loading={preview.isPending} onClick={showPreview} data-testid="replay">
          Reprocessar
        </Button>
        <span className="small muted">Mostramos antes o que mudaria. Nada é enviado a clientes.</span>
      </div>
      {error && <ErrorBanner error={error} retry={showPreview} />}
      {preview.data && (
        <div className="stack" data-testid="replay-preview" role="status">
          <ReplayPreview done={preview.data} />
          {preview.data.changes === 0 ? (
            <div className="row">
              <Button onClick={() => preview.reset()}>Fechar</Button>
            </div>
          ) : (
            <div className="row">
              <Button
                variant="filled"
                loading={replay.isPending}
                onClick={() => replay.mutate()}
                data-testid="replay-confirm"
              >
                Confirmar
              </Button>
              <Button onClick={() => preview.reset()}>Cancelar</Button>
            </div>
          )}
        </div>
      )}
      {replay.data && (
        <Banner
          tone="success"
          title={`Evento reprocessado: ${changesWords(replay.data.changes)}.`}
          testId="replay-result"
        >
          <DiffList objects={replay.data.objects} testId="replay-diff" />
        </Banner>
      )}
    </section>
  );
}

/** What a replay would change, in the same words that its result uses. */
export function ReplayPreview({ done }: { done: ReplayResult }) {
  if (done.changes === 0) return <p>Se reprocessar: nada muda.</p>;
  return (
    <>
      <p>Se reprocessar:</p>
      <DiffList objects={done.objects} testId="replay-diff" />
    </>
  );
}
