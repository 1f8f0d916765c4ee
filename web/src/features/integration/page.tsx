import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { useClinic, useConnection, useMay, type Connection } from '../../lib/clinic';
import { connected, proven } from '../../lib/connection-labels';
import { Badge, Banner, CopyField, PageHeader } from '../../ui/basics';
import { SignUpLink } from '../../ui/sign-up-link';
import { Fetched } from '../../ui/states';
import { announce } from '../../ui/toast';
import { AccountCard } from './account-card';
import { KeyForm } from './key-form';
import { LiveStep } from './live-step';
import { ManageConnection } from './manage';
import { ProductionCard, SetUpProgress } from './production';
import { Step, type StepState } from './steps';
import { WalletForm } from './wallet';
import { WebhookStep } from './webhook-step';

/** Connecting Asaas: key, wallet, webhook, and the first event as the only proof. */
export default function Integration() {
  const clinic = useClinic().data;
  const conn = useConnection(2_000);
  const may = useMay('connection:write');
  return (
    <>
      <PageHeader
        above="Configurações › Webhooks › Asaas"
        title="Asaas"
        clinic={clinic?.name}
        lead={
          conn.data && proven(conn.data.state)
            ? 'A conta Asaas de onde vêm as faturas, e como ela nos avisa.'
            : 'Conecte sua conta Asaas para que as faturas sejam baixadas sozinhas.'
        }
      />
      {!may && <Banner tone="info">Seu perfil não permite esta ação. Peça a um Administrador.</Banner>}
      {may && (
        <Fetched query={conn}>
          {(c) => (
            <div className="stack">
              <Connecting conn={c} />
              {clinic?.sandbox && <ProductionCard conn={c} />}
            </div>
          )}
        </Fetched>
      )}
    </>
  );
}

/** The steps until an event came, then the summary. Success is announced once, on the page where it happened. */
function Connecting({ conn }: { conn: Connection }) {
  const [token, setToken] = useState('');
  const [notes, setNotes] = useState<string[]>([]);
  const [wallet, setWallet] = useState('');
  const [ready, setReady] = useState(false);
  const [before] = useState(conn.state);
  const done = proven(conn.state);
  const here = done && !proven(before);
  useEffect(() => {
    if (here) announce('Tudo certo! Sua clínica está conectada.');
  }, [here]);
  const saved = (c: Connection) => {
    if (c.webhookToken) setToken(c.webhookToken);
    setNotes(c.notes?.map((n) => n.detail) ?? []);
  };
  if (done) {
    return (
      <div className="stack">
        {here && <Success />}
        <ManageConnection conn={conn} saved={saved} />
      </div>
    );
  }
  const has = connected(conn.state);
  const live: StepState = ready || conn.webhook.id ? 'current' : 'later';
  return (
    <div className="two">
      <ol className="stack plain">
        <Step no={1} of={4} name="Ambiente e chave" state={has ? 'done' : 'current'}>
          {notes.map((n) => (
            <Banner key={n} tone="info">
              {n}
            </Banner>
          ))}
          {has ? <AccountCard conn={conn} /> : <FirstKey conn={conn} saved={saved} moveToWallet={setWallet} />}
        </Step>
        <Step no={2} of={4} name="Carteira" state={has ? 'done' : 'later'}>
          <WalletForm conn={conn} typed={wallet} saved={saved} />
        </Step>
        <Step
          no={3}
          of={4}
          name="Avisos do Asaas (webhook)"
          state={!has ? 'later' : live === 'current' ? 'done' : 'current'}
        >
          {has && <SetUpProgress />}
          {has && <WebhookStep conn={conn} token={token} setToken={setToken} ready={() => setReady(true)} />}
        </Step>
        <Step no={4} of={4} name="Confirmação ao vivo" state={has ? live : 'later'}>
          {has && live === 'current' && <LiveStep conn={conn} begin={ready} />}
        </Step>
      </ol>
      <HelpPanel ips={conn.outgoingIps ?? []} />
    </div>
  );
}

function FirstKey(props: { conn: Connection; saved: (c: Connection) => void; moveToWallet: (id: string) => void }) {
  return (
    <>
      <p>
        No Asaas, abra Menu do usuário › Integrações › Chaves de API e gere uma chave. Só o administrador da conta
        consegue, e ela aparece uma única vez.
      </p>
      <SignUpLink />
      <KeyForm {...props} />
    </>
  );
}

function Success() {
  return (
    <Banner tone="success" title="Tudo certo! Sua clínica está conectada.">
      <span>As faturas dos últimos 90 dias estão sendo importadas.</span>
      <div className="row">
        <Link to="/app/configuracoes/webhooks/asaas/saude">Ver a saúde da conexão</Link>
        <Link to="/app/faturas">Ver faturas</Link>
      </div>
    </Banner>
  );
}

/** What a clinic that restricts addresses must let in. */
function Addresses({ list }: { list: string[] }) {
  if (list.length === 0)
    return (
      <div>
        <strong>Se você restringe IPs no Asaas</strong>
        <p className="small">Peça ao suporte os endereços a liberar.</p>
      </div>
    );
  return <CopyField field="ips" label="Se você restringe IPs no Asaas, libere:" value={list.join(', ')} />;
}

/** Where each thing is found in Asaas, always at the same place. */
function HelpPanel({ ips }: { ips: string[] }) {
  return (
    <aside className="card stack" style={{ alignSelf: 'start' }} aria-label="Ajuda desta página">
      <h2 className="smaller">Ajuda desta página</h2>
      <div>
        <strong>A chave de API</strong>
        <p className="small">Menu do usuário › Integrações › Chaves de API › Gerar chave.</p>
      </div>
      <Addresses list={ips} />
      <div>
        <strong>Os avisos do Asaas (webhook)</strong>
        <p className="small">Menu do usuário › Integrações › Webhooks.</p>
      </div>
      <Badge tone="neutral">Ninguém do PataPay pede sua chave</Badge>
    </aside>
  );
}
