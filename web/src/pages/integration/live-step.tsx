import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { api, body, ifMatch } from '../../app/api';
import { useTenant } from '../../app/clinic';
import { announce } from '../../app/toast';
import { ErrorBanner } from '../../parts/states';
import type { Connection } from './key-form';
import { Steps, useOperation } from './operation';

/** Seconds since this appeared; announced at 0, 30 and 60. */
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

/** Waits for the first event; `begin` starts the full test by itself, where nobody need be asked. */
export function LiveStep({ conn, begin }: { conn: Connection; begin: boolean }) {
  const tenant = useTenant();
  const seconds = useSeconds();
  const [asked, setAsked] = useState(false);
  const test = useMutation({
    mutationFn: () => body(api.POST('/v1/tenants/{tenant}/connection/test', { params: { path: { tenant }, header: ifMatch(conn.version) }, body: { confirm: true } })),
  });
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
      <p style={{ margin: 0 }} data-testid="live-wait">Aguardando o primeiro evento… {twoDigits(Math.floor(seconds / 60))}:{twoDigits(seconds % 60)}</p>
      <div className="row">
        <Button data-testid="roundtrip" aria-busy={running} onClick={() => !running && start()}>Fazer teste completo</Button>
        <span className="small muted">Nenhum cliente é avisado e nada é cobrado.</span>
      </div>
      {operation && <Steps operation={operation} testId="roundtrip" />}
      {test.error && <ErrorBanner error={test.error} retry={start} />}
      {seconds >= 120 && <Checklist />}
      <Modal opened={asked} onClose={() => setAsked(false)} title="Fazer teste completo">
        <div className="stack">
          <p style={{ margin: 0 }}>Abriremos um checkout de R$&nbsp;5,00 na sua conta, válido por 10 minutos, e o cancelaremos em seguida. Nenhum cliente é avisado e nada é cobrado.</p>
          <Button variant="filled" onClick={() => { setAsked(false); test.mutate(); }}>Fazer teste completo</Button>
        </div>
      </Modal>
    </div>
  );
}

/** What to look at when nothing came for two minutes. */
function Checklist() {
  return (
    <div className="card" style={{ background: 'var(--pp-bg)' }}>
      <strong>Ainda nada?</strong>
      <ul>
        <li>Webhook ativado no Asaas</li>
        <li>Fila de sincronização ativada</li>
        <li>Eventos marcados</li>
        <li>URL igual à mostrada aqui</li>
      </ul>
    </div>
  );
}
