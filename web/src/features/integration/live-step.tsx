import { Button, Modal } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import type { Connection } from '../../lib/clinic';
import { lineNames } from '../../lib/connection-labels';
import { useOperation } from '../../lib/operations';
import { Badge, Banner } from '../../ui/basics';
import { OperationSteps } from '../../ui/operation-steps';
import { ErrorBanner } from '../../ui/states';
import { announce } from '../../ui/toast';
import { useFullTest, useMendToken, useWebhookReport } from './queries';

/** Counts the seconds since the step appeared, and announces them at 0, 30 and 60. */
function useSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    announce('Aguardando o primeiro evento…');
    const timer = setInterval(() => setSeconds((s) => s + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (seconds === 30 || seconds === 60) announce(`Aguardando o primeiro evento há ${seconds} segundos.`);
  }, [seconds]);
  return seconds;
}

const twoDigits = (n: number) => String(n).padStart(2, '0');

/** Waits for the first event. With `begin` the full test starts by itself where no consent is needed. */
export function LiveStep({ conn, begin }: { conn: Connection; begin: boolean }) {
  const seconds = useSeconds();
  const [asked, setAsked] = useState(false);
  const test = useFullTest(conn);
  const operation = useOperation(test.data?.id).data ?? test.data;
  const begun = useRef(false);
  const production = conn.environment === 'production';
  useEffect(() => {
    if (!begin || production || begun.current) return;
    begun.current = true;
    test.mutate();
  }, [begin, production, test]);

  const running = test.isPending || operation?.state === 'running';
  const start = () => (production ? setAsked(true) : test.mutate());
  return (
    <div className="stack">
      <p data-testid="live-wait">
        Aguardando o primeiro evento… {twoDigits(Math.floor(seconds / 60))}:{twoDigits(seconds % 60)}
      </p>
      <div className="row">
        <Button data-testid="roundtrip" aria-busy={running} onClick={() => !running && start()}>
          Fazer teste completo
        </Button>
        <span className="small muted">Nenhum cliente é avisado e nada é cobrado.</span>
      </div>
      {operation && <OperationSteps operation={operation} testId="roundtrip" />}
      {operation?.state === 'failed' && operation.code === 'other_token' && (
        <OtherToken conn={conn} text={operation.steps?.at(-1)?.detail ?? ''} again={() => test.mutate()} />
      )}
      {test.error && <ErrorBanner error={test.error} retry={start} />}
      {seconds >= 120 && <Checklist />}
      <Modal opened={asked} onClose={() => setAsked(false)} title="Fazer teste completo">
        <div className="stack">
          <p>
            Abriremos um checkout de R$&nbsp;5,00 na sua conta, válido por 10 minutos, e o cancelaremos em seguida.
            Nenhum cliente é avisado e nada é cobrado.
          </p>
          <Button
            variant="filled"
            onClick={() => {
              setAsked(false);
              test.mutate();
            }}
          >
            Fazer teste completo
          </Button>
        </div>
      </Modal>
    </div>
  );
}

/** Says that Asaas delivers with another token than ours, and replaces it by one click. */
function OtherToken({ conn, text, again }: { conn: Connection; text: string; again: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const mend = useMendToken(conn, again);
  return (
    <div ref={box} tabIndex={-1}>
      <Banner tone="danger" alert testId="other-token">
        <span>{text}</span>
        <div className="row">
          <Button aria-busy={mend.isPending} onClick={() => mend.mutate()}>
            Corrigir para mim
          </Button>
        </div>
        {mend.error && <ErrorBanner error={mend.error} />}
      </Banner>
    </div>
  );
}

const checklistFields = ['enabled', 'interrupted', 'events', 'url'];
const checklistLabels: Record<string, string> = {
  enabled: 'Webhook ativado no Asaas',
  interrupted: 'Fila de sincronização ativada',
  events: 'Eventos marcados',
  url: 'URL igual à mostrada aqui',
};

/** Lists what to check when no event came for two minutes, with what Asaas says of each now. */
function Checklist() {
  const report = useWebhookReport().data;
  return (
    <div className="card stack sunken tight" data-testid="nothing-yet">
      <strong>Ainda nada?</strong>
      <ul className="stack tight plain">
        {checklistFields.map((field) => {
          const line = report?.lines?.find((l) => l.field === field);
          return (
            <li key={field} className="row apart">
              <span>{checklistLabels[field] ?? lineNames[field]}</span>
              {line && (
                <Badge tone={line.ok ? 'success' : 'warning'}>{line.ok ? 'Conferido' : 'Confira no Asaas'}</Badge>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
