import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';

import { sendTypeWords } from '../../lib/asaas-codes';
import type { Connection } from '../../lib/clinic';
import { lineNames } from '../../lib/connection-labels';
import { session } from '../../lib/session';
import { wordFor } from '../../lib/words';
import { Badge, Banner } from '../../ui/basics';
import { ErrorBanner } from '../../ui/states';
import { ByHand } from './by-hand';
import { useEnsureWebhook, useReadWebhook, type WebhookReport } from './queries';

/** Asaas's side of the webhook: set up by us, or by hand with values to copy. */
export function WebhookStep({
  conn,
  token,
  setToken,
  ready,
}: {
  conn: Connection;
  token: string;
  setToken: (t: string) => void;
  ready: () => void;
}) {
  const [email, setEmail] = useState(conn.notificationEmail || session.me()?.email || '');
  const [byHand, setByHand] = useState(false);
  const ensure = useEnsureWebhook(conn, email, ready);
  const read = useReadWebhook(ready);
  const report = ensure.data ?? read.data;

  return (
    <div className="stack form">
      <TextInput
        label="E-mail para avisos do Asaas"
        type="email"
        autoComplete="email"
        value={email}
        onChange={(e) => setEmail(e.currentTarget.value)}
        description="Digite um e-mail que sua clínica lê; o Asaas avisa ali quando algo falha."
      />
      <div className="row">
        <Button
          variant="filled"
          data-testid="webhook-ensure"
          loading={ensure.isPending}
          onClick={() => ensure.mutate(false)}
        >
          Configurar para mim
        </Button>
        <Button variant="subtle" aria-expanded={byHand} onClick={() => setByHand(!byHand)}>
          Prefiro configurar no painel do Asaas
        </Button>
      </div>
      {ensure.error && <ErrorBanner error={ensure.error} retry={() => ensure.mutate(false)} />}
      {report && <ReportLines report={report} keepOne={() => ensure.mutate(true)} />}
      {byHand && (
        <ByHand conn={conn} email={email} token={token} setToken={setToken} done={() => read.mutate()}>
          {read.error && <ErrorBanner error={read.error} retry={() => read.mutate()} />}
        </ByHand>
      )}
    </div>
  );
}

/** The webhook's configuration as it was read back from Asaas, line by line. */
function ReportLines({ report, keepOne }: { report: WebhookReport; keepOne: () => void }) {
  const twice = report.duplicates?.length ?? 0;
  return (
    <div className="stack tight">
      {twice > 0 && (
        <Banner tone="warning">
          Encontramos {twice + 1} webhooks com nosso endereço; isso duplicaria avisos. Manter só um?
          <Button onClick={keepOne}>Manter só um</Button>
        </Banner>
      )}
      <ul
        className="stack tight plain"

        aria-label="Conferido no Asaas"
      >
        {report.lines?.map((line) => (
          <li
            key={line.field}
            className="row apart"

            data-testid={`webhook-line-${line.field}`}
            data-ok={line.ok}
          >
            <span>{lineNames[line.field] ?? line.field}</span>
            <span className="row">
              <span className="small muted">{wordFor(sendTypeWords, line.got)}</span>
              <Badge tone={line.ok ? 'success' : 'warning'}>
                {line.ok ? 'Conferido' : `Deveria ser ${wordFor(sendTypeWords, line.wanted)}`}
              </Badge>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
