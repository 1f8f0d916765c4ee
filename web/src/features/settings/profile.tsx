import { Button, Checkbox, Switch, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { useClinic, useMe } from '../../lib/clinic';
import { useChangeMe } from '../../lib/me';
import { deadlineKindWords } from '../../lib/object-words';
import { rules } from '../../lib/rules';
import { session } from '../../lib/session';
import { PageHeader } from '../../ui/basics';
import { PasswordForm } from '../../ui/password-form';
import { ErrorBanner } from '../../ui/states';
import { ThemeChoice } from '../../ui/theme-choice';
import { toast } from '../../ui/toast';
import { Factors } from './factors';
import { Calendars } from './calendars';
import { mailNames, roleNames } from './labels';
import { Sessions } from './sessions';

const clinicRoles = ['admin', 'finance', 'reader']; // operators have no agenda

/** The person's own name, password and preferences. */
export default function Profile() {
  const clinic = useClinic().data;
  const me = useMe();
  return (
    <>
      <PageHeader
        title="Meu perfil"
        clinic={clinic?.name}
        lead={`${me?.email ?? ''} · ${roleNames[me?.role ?? ''] ?? me?.role ?? ''}`}
      />
      <div className="stack form">
        <Name />
        <section className="card stack">
          <h2>Senha</h2>
          <PasswordForm />
        </section>
        <Factors />
        <Preferences />
        {me?.role === 'admin' && <MailPreferences />}
        {clinicRoles.includes(me?.role ?? '') && <Calendars />}
        <Sessions />
      </div>
    </>
  );
}

function Name() {
  const [name, setName] = useState(session.me()?.name ?? '');
  const [fault, setFault] = useState('');
  const save = useChangeMe(() => toast('Salvo.'));
  const submit = (e: FormEvent) => {
    e.preventDefault();
    setFault(name.trim() ? '' : 'Informe o nome.');
    if (name.trim()) save.mutate({ name: name.trim() });
  };
  return (
    <form className="card stack" noValidate onSubmit={submit}>
      <TextInput
        label="Nome"
        autoComplete="name"
        maxLength={rules.personName.maxLength}
        value={name}
        error={fault}
        onChange={(e) => setName(e.currentTarget.value)}
      />
      {save.error && <ErrorBanner error={save.error} />}
      <div className="row">
        <Button type="submit" variant="filled" aria-busy={save.isPending}>
          Salvar nome
        </Button>
      </div>
    </form>
  );
}

function Preferences() {
  const [shortcuts, setShortcuts] = useState(session.me()?.preferences?.shortcuts ?? false);
  const save = useChangeMe(() => toast('Salvo.'));
  const set = (on: boolean) => {
    setShortcuts(on);
    save.mutate({ shortcuts: on }, { onError: () => setShortcuts(!on) });
  };
  return (
    <section className="card stack">
      <h2>Aparência e teclado</h2>
      <ThemeChoice />
      <Switch
        label="Atalhos de uma letra"
        description="/ busca · j e k andam pelas linhas · Enter abre"
        checked={shortcuts}
        onChange={(e) => set(e.currentTarget.checked)}
        data-testid="shortcuts"
      />
      {save.error && <ErrorBanner error={save.error} />}
    </section>
  );
}

/** Which incidents write to this administrator. */
export function MailPreferences() {
  const [muted, setMuted] = useState(session.me()?.preferences?.mutedMails ?? []);
  const save = useChangeMe(() => toast('Salvo.'));
  const set = (kind: string, on: boolean) => {
    const next = on ? muted.filter((k) => k !== kind) : [...muted, kind];
    setMuted(next);
    save.mutate({ mutedMails: next }, { onError: () => setMuted(muted) });
  };
  return (
    <section className="card stack" data-testid="mails">
      <h2>Avisos por e-mail</h2>
      <p className="small muted">
        Para {session.me()?.email}. Um e-mail quando o problema começa e um quando termina, nunca uma série.
      </p>
      {Object.entries(mailNames).map(([kind, name]) => (
        <Checkbox
          key={kind}
          label={name}
          checked={!muted.includes(kind)}
          onChange={(e) => set(kind, e.currentTarget.checked)}
        />
      ))}
      <h3>Agenda</h3>
      <p className="small muted">
        Uma contestação escreve na hora, 5 dias e 24 horas antes do prazo. O resto vem em no máximo um e-mail por dia.
      </p>
      {Object.entries(deadlineKindWords).map(([kind, name]) => (
        <Checkbox
          key={kind}
          label={name}
          checked={!muted.includes(kind)}
          onChange={(e) => set(kind, e.currentTarget.checked)}
        />
      ))}
      {save.error && <ErrorBanner error={save.error} />}
    </section>
  );
}
