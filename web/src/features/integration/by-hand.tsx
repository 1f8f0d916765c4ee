import { Button, Checkbox } from '@mantine/core';
import type { ReactNode } from 'react';

import { sendTypeWords } from '../../lib/asaas-codes';
import type { Connection } from '../../lib/clinic';
import { eventName } from '../../lib/event-labels';
import { wordFor } from '../../lib/words';
import { CopyField } from '../../ui/basics';
import { Code } from '../../ui/code';
import { ErrorBanner } from '../../ui/states';
import { useIssueToken } from './queries';

interface Props {
  conn: Connection;
  email: string;
  token: string; // empty when it was shown earlier and is no longer known
  setToken: (token: string) => void;
  done: () => void;
  children?: ReactNode;
}

/** Every value of Asaas's form, in its order, each with a button that copies it. */
export function ByHand({ conn, email, token, setToken, done, children }: Props) {
  const { webhook } = conn;
  return (
    <div className="stack card sunken">
      <p>No Asaas, abra Menu do usuário › Integrações › Webhooks › Criar webhook e copie cada valor:</p>
      <CopyField field="name" label="Nome" value={webhook.name} />
      <CopyField field="url" label="URL" value={webhook.url} />
      <CopyField field="email" label="E-mail" value={email} />
      <CopyField field="apiVersion" label="Versão da API" value={webhook.apiVersion} />
      {token ? (
        <CopyField
          field="authToken"
          label="Token de autenticação"
          value={token}
          note="Cole exatamente este; não use ‘Gerar token’"
        />
      ) : (
        <NewToken conn={conn} setToken={setToken} />
      )}
      <CopyField field="interrupted" label="Fila de sincronização ativada" value="Sim" />
      <CopyField field="enabled" label="Webhook ativado" value="Sim" />
      <CopyField field="sendType" label="Tipo de envio" value={wordFor(sendTypeWords, webhook.sendType)} />
      <details>
        <summary>Eventos a marcar ({webhook.events?.length ?? 0})</summary>
        <div className="stack tightest">
          {webhook.events?.map((e) => (
            <Checkbox key={e} label={<Code title={eventName(e)}>{e}</Code>} />
          ))}
        </div>
      </details>
      {children}
      <div className="row">
        <Button variant="filled" onClick={done}>
          Já configurei
        </Button>
      </div>
    </div>
  );
}

/** Makes a new token, because each is shown only once and this page no longer knows the last one. */
function NewToken({ conn, setToken }: { conn: Connection; setToken: (token: string) => void }) {
  const issue = useIssueToken(conn, setToken);
  return (
    <div className="stack tightest">
      <span className="small">Token de autenticação</span>
      <span className="small muted">
        Por segurança, o token aparece uma única vez. Gere um novo; o anterior vale por mais 14 dias.
      </span>
      <div className="row">
        <Button loading={issue.isPending} onClick={() => issue.mutate()}>
          Gerar token novo
        </Button>
      </div>
      {issue.error && <ErrorBanner error={issue.error} />}
    </div>
  );
}
