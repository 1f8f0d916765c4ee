import { Button, Modal, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { useClinic, type Connection } from '../../lib/clinic';
import { stateOf } from '../../lib/connection-labels';
import { Badge, Banner, When } from '../../ui/basics';
import { ConfirmButton } from '../../ui/confirm';
import { ErrorBanner } from '../../ui/states';
import { toast } from '../../ui/toast';
import { AccountCard } from './account-card';
import { KeyForm } from './key-form';
import { useDisconnect, useWebhookTokens } from './queries';

/** The connection of a clinic, and what may be changed of it. */
export function ManageConnection({ conn, saved }: { conn: Connection; saved: (c: Connection) => void }) {
  const [replacing, setReplacing] = useState(false);
  const [words, tone] = stateOf(conn.state);
  return (
    <div className="stack">
      <section className="card stack">
        <div className="row apart">
          <h2>{conn.state === 'active' ? 'Conectado' : words}</h2>
          <Badge tone={tone} testId="connection-state">
            {words}
          </Badge>
        </div>
        <AccountCard conn={conn} />
        <dl className="facts">
          <dt>Carteira</dt>
          <dd>
            <code>{conn.walletId}</code>
          </dd>
          <dt>E-mail para avisos</dt>
          <dd>{conn.notificationEmail || '—'}</dd>
          <dt>Primeiro evento</dt>
          <dd>
            <When at={conn.firstEventAt} />
          </dd>
          <dt>Endereço dos avisos</dt>
          <dd>
            <code>{conn.webhook.url}</code>
          </dd>
        </dl>
        <Link to="/app/configuracoes/webhooks/asaas/saude">Ver a saúde da conexão</Link>
      </section>
      <section className="card stack">
        <h2>Chave</h2>
        <p>A chave nova é verificada antes e tem de ser da mesma conta; a de agora vale até lá.</p>
        <div className="row">
          <Button aria-expanded={replacing} onClick={() => setReplacing(!replacing)}>
            Substituir chave
          </Button>
        </div>
        {replacing && (
          <KeyForm
            conn={conn}
            saved={(c) => {
              saved(c);
              setReplacing(false);
              toast('Chave substituída.');
            }}
          />
        )}
      </section>
      <WebhookTokenCard conn={conn} />
      <DisconnectCard conn={conn} />
    </div>
  );
}

/** Replaces the webhook's token, and ends the tokens that were replaced. */
function WebhookTokenCard({ conn }: { conn: Connection }) {
  const { rotate, revoke } = useWebhookTokens(conn);
  const current = conn.webhookTokens?.find((t) => !t.endsAt);
  // A token that the set-up itself replaced was never in use, so nothing is being exchanged.
  const exchanged = current && conn.firstEventAt && current.createdAt > conn.firstEventAt;
  const ending = exchanged ? (conn.webhookTokens?.filter((t) => t.endsAt) ?? []) : [];
  return (
    <section className="card stack">
      <h2>Token dos avisos</h2>
      <p>O novo e o antigo valem juntos; o antigo termina em 14 dias.</p>
      {ending.length > 0 && (
        <Banner tone="info" title="Troca em andamento">
          {ending.map((t) => (
            <span key={t.createdAt}>
              Token terminado em <code>{t.hint}</code> vale até <When at={t.endsAt} />.
            </span>
          ))}
          <div className="row">
            <ConfirmButton action="Revogar agora" title="Revogar os tokens antigos" work={revoke} danger>
              <p>
                O token antigo deixa de valer na hora. Se o Asaas ainda o usa, os avisos serão recusados e a fila pode
                ser pausada. Não há volta.
              </p>
            </ConfirmButton>
          </div>
        </Banner>
      )}
      <div className="row">
        <ConfirmButton action="Trocar token" title="Trocar o token dos avisos" work={rotate}>
          <p>Criamos um token novo e o gravamos no webhook do Asaas. O antigo vale por mais 14 dias.</p>
        </ConfirmButton>
      </div>
    </section>
  );
}

/** Ends the connection, for whoever types the clinic's name. */
function DisconnectCard({ conn }: { conn: Connection }) {
  const clinic = useClinic().data;
  const [open, setOpen] = useState(false);
  const [name, setName] = useState('');
  const [fault, setFault] = useState('');
  const end = useDisconnect(conn);
  const submit = () => {
    const same = name.trim().toLocaleLowerCase('pt-BR') === clinic?.name.toLocaleLowerCase('pt-BR');
    setFault(same ? '' : `Digite o nome da clínica: ${clinic?.name}.`);
    if (same) end.mutate();
  };
  return (
    <section className="card stack">
      <h2>Desconectar</h2>
      <p>
        Deixam de funcionar as baixas automáticas, a conferência e os alertas. Continua aqui tudo o que já foi recebido.
        Nosso webhook é excluído no Asaas.
      </p>
      <div className="row">
        <Button color="danger" onClick={() => setOpen(true)}>
          Desconectar
        </Button>
      </div>
      <Modal opened={open} onClose={() => setOpen(false)} title="Desconectar o Asaas">
        <form
          className="stack"
          noValidate
          onSubmit={(e) => {
            e.preventDefault();
            submit();
          }}
        >
          <TextInput
            label="Nome da clínica"
            description={`Para confirmar, digite ${clinic?.name}`}
            value={name}
            error={fault}
            onChange={(e) => setName(e.currentTarget.value)}
            data-autofocus
          />
          {end.error && <ErrorBanner error={end.error} />}
          <Button type="submit" variant="filled" color="danger" loading={end.isPending}>
            Desconectar
          </Button>
        </form>
      </Modal>
    </section>
  );
}
