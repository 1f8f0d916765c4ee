import { Button, Modal, Radio, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent } from 'react';

import { Failure } from '../../lib/api';
import { looksLikeEmail } from '../../lib/email';
import { rules } from '../../lib/rules';
import { session } from '../../lib/session';
import { Banner, CopyField, When } from '../../ui/basics';
import { ConfirmButton } from '../../ui/confirm';
import { ErrorBanner } from '../../ui/states';
import { roleHelp, roleNames } from './labels';
import { useAddUser, useEditUser, useResetFactor, type Role, type User, type UserChange } from './queries';
import { TokenDecision } from './token-decision';

const roles = ['admin', 'finance', 'reader'] as const;

/** What became of an invitation: it was mailed, or there is a start password, shown once so that it can be handed over. */
export function InvitedCard({ user, dismiss }: { user: User; dismiss: () => void }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => box.current?.focus(), [user.startPassword]);
  if (!user.startPassword)
    return (
      <section className="card stack form" ref={box} tabIndex={-1} aria-label="Convite" data-testid="invitation">
        <Banner tone="success" title="Convite enviado">
          <span>
            {user.name} recebe em {user.email} um link para criar a senha. Vale até <When at={user.startEndsAt} />. Se o
            e-mail já tiver um acesso ao PataPay, é só ali que isso é dito.
          </span>
        </Banner>
        <div className="row">
          <Button onClick={dismiss}>Fechar</Button>
        </div>
      </section>
    );
  return (
    <section
      className="card stack form"
      ref={box}
      tabIndex={-1}
      aria-label="Senha inicial"
      data-testid="start-password"
    >
      <Banner tone="warning" title={`Senha inicial de ${user.name}`}>
        <span>
          Ela aparece uma única vez. Entregue-a em mãos ou por um canal seguro; no primeiro acesso a pessoa cria a
          própria senha. Vale até <When at={user.startEndsAt} />.
        </span>
      </Banner>
      <CopyField field="start-password" label="Senha inicial" value={user.startPassword} />
      <div className="row">
        <Button onClick={dismiss}>Já entreguei</Button>
      </div>
    </section>
  );
}

function RoleChoice({ value, set }: { value: Role; set: (r: Role) => void }) {
  return (
    <Radio.Group label="Perfil" value={value} onChange={(v) => set(v as Role)}>
      <div className="stack tight">
        {roles.map((r) => (
          <Radio key={r} value={r} label={roleNames[r]} description={roleHelp[r]} />
        ))}
      </div>
    </Radio.Group>
  );
}

interface Form {
  close: () => void;
  onCreated: (u: User) => void; // receives who was invited, and the start password if there is one to be shown
}

/** Invites a person. */
export function NewUserDialog({ close, onCreated }: Form) {
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('finance');
  const [faults, setFaults] = useState<{ name?: string; email?: string }>({});
  const form = useRef<HTMLFormElement>(null);
  const add = useAddUser((user) => {
    onCreated(user);
    close();
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const found = {
      name: name.trim() ? undefined : 'Informe o nome.',
      email: !email.trim()
        ? 'Informe o e-mail.'
        : looksLikeEmail(email.trim())
          ? undefined
          : 'Digite um e-mail válido, como nome@clinica.com.br.',
    };
    setFaults(found);
    if (found.name ?? found.email)
      form.current?.querySelector<HTMLInputElement>(found.name ? '[name=name]' : '[name=email]')?.focus();
    else if (!add.isPending) add.mutate({ name: name.trim(), email: email.trim(), role });
  };
  const wrong = add.error instanceof Failure ? add.error.about('/email')?.detail : undefined;
  return (
    <Modal opened onClose={close} title="Adicionar usuário">
      <form className="stack" noValidate onSubmit={submit} ref={form}>
        <TextInput
          label="Nome"
          name="name"
          maxLength={rules.personName.maxLength}
          autoComplete="off"
          value={name}
          error={faults.name}
          onChange={(e) => {
            setName(e.currentTarget.value);
            setFaults({ ...faults, name: undefined });
          }}
          data-autofocus
        />
        <TextInput
          label="E-mail"
          name="email"
          type="email"
          maxLength={rules.email.maxLength}
          autoComplete="off"
          value={email}
          error={faults.email ?? wrong}
          onChange={(e) => {
            setEmail(e.currentTarget.value);
            setFaults({ ...faults, email: undefined });
          }}
        />
        <RoleChoice value={role} set={setRole} />
        {add.error && !wrong && <ErrorBanner error={add.error} />}
        <Button type="submit" variant="filled" aria-busy={add.isPending}>
          Adicionar
        </Button>
      </form>
    </Modal>
  );
}

/** Changes what a person may do, or ends it. */
export function EditUserDialog({ user, close, onCreated }: Form & { user: User }) {
  const [role, setRole] = useState<Role>(user.role);
  const self = user.id === session.me()?.subject;
  const { change, reset } = useEditUser(user, {
    changed: close,
    reset: (changed) => {
      onCreated(changed);
      close();
    },
  });
  const resetFactor = useResetFactor(user, close);
  const off = user.state === 'disabled';
  const invited = user.state === 'invited';
  const [asked, setAsked] = useState<UserChange>({});
  const ask = (what: UserChange) => {
    setAsked(what);
    change.mutate(what);
  };
  const failure = change.error instanceof Failure ? change.error : null;
  if (failure?.problem.code === 'tokens_need_decision')
    return (
      <TokenDecision
        name={user.name}
        failure={failure}
        close={change.reset}
        decide={(serviceTokens) => change.mutate({ ...asked, serviceTokens })}
      />
    );
  return (
    <Modal opened onClose={close} title={user.name}>
      <div className="stack">
        <span className="small muted">{user.email}</span>
        {self ? (
          <Banner tone="info">Este é o seu acesso. Peça a outro Administrador para mudá-lo.</Banner>
        ) : (
          <>
            <RoleChoice value={role} set={setRole} />
            <Button variant="filled" aria-busy={change.isPending} onClick={() => ask({ role })}>
              Salvar perfil
            </Button>
            {!off && (
              <ConfirmButton
                action={invited ? 'Convidar de novo' : 'Gerar nova senha inicial'}
                title={invited ? `Convite de ${user.name}` : `Nova senha de ${user.name}`}
                work={reset}
              >
                {invited ? (
                  <p>O convite de agora deixa de valer.</p>
                ) : (
                  <p>A senha de agora deixa de valer, e as sessões abertas terminam.</p>
                )}
              </ConfirmButton>
            )}
            {user.secondFactor && (
              <ConfirmButton
                action="Redefinir segundo fator"
                title={`Segundo fator de ${user.name}`}
                work={resetFactor}
                danger
              >
                <p>
                  Para quem perdeu o celular e os códigos. Confira antes, por um canal seguro, que o pedido é mesmo
                  desta pessoa: até ela cadastrar outro, só a senha protege a conta. As sessões abertas terminam.
                </p>
              </ConfirmButton>
            )}
            <Button color={off ? undefined : 'danger'} onClick={() => ask({ disabled: !off })}>
              {off ? 'Reativar acesso' : 'Desativar acesso'}
            </Button>
            <span className="small muted">
              Mudar o perfil, a senha ou o acesso encerra na hora as sessões desta pessoa.
            </span>
          </>
        )}
        {change.error && <ErrorBanner error={change.error} />}
      </div>
    </Modal>
  );
}
