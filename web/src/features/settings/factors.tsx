import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { Failure, type Schema } from '../../lib/api';
import { passkeyAnswer } from '../../lib/show-factor';
import { knowsPasskeys } from '../../lib/passkey';
import { logOut } from '../../lib/session';
import { factorKindWords } from '../../lib/words';
import { When } from '../../ui/basics';
import { ErrorBanner, Fetched } from '../../ui/states';
import { DataTable, type Column } from '../../ui/table';
import { useFactors, useNewRecoveryCodes, useRemoveFactor, type Proof as Shown } from './queries';
import { FactorSetUp } from './factor-set-up';
import { PasskeySetUp } from './passkey-set-up';
import { RecoveryCodes } from './recovery-codes';

type Factor = Schema['FactorView'];

/** The person's second factor: their apps, their passkeys and their recovery codes. */
export function Factors() {
  const factors = useFactors();
  const [adding, setAdding] = useState<'app' | 'passkey' | null>(null);
  const [removing, setRemoving] = useState<Factor | null>(null);
  const [renewing, setRenewing] = useState(false);
  const columns: Column<Factor>[] = [
    { name: 'Nome', cell: (f) => f.name },
    { name: 'Tipo', cell: (f) => factorKindWords[f.kind] },
    { name: 'Cadastrado', cell: (f) => <When at={f.createdAt} /> },
    { name: 'Último uso', cell: (f) => <When at={f.lastUsedAt} /> },
    {
      name: 'Ações',
      cell: (f) => (
        <Button color="danger" onClick={() => setRemoving(f)} aria-haspopup="dialog">
          Remover
        </Button>
      ),
    },
  ];
  const end = () => setAdding(null);
  return (
    <section className="card stack" data-testid="factors">
      <h2>Segundo fator</h2>
      <p className="small muted">
        Além da senha, um código do seu celular ou uma chave de acesso. Quem descobrir a senha não entra sem ele.
      </p>
      <Fetched query={factors}>
        {(own) => (
          <>
            {own.data.length > 0 && (
              <>
                <DataTable
                  caption="Aplicativos e chaves de acesso"
                  columns={columns}
                  rows={own.data}
                  id={(f) => f.id}
                  testId="factor-row"
                />
                <p className="small">Códigos de recuperação que ainda valem: {own.recoveryCodesLeft}.</p>
              </>
            )}
            {adding === 'app' && <FactorSetUp done={end} cancel={end} />}
            {adding === 'passkey' && <PasskeySetUp done={end} cancel={end} />}
            {!adding && (
              <div className="row">
                <Button onClick={() => setAdding('app')}>
                  {own.data.length ? 'Adicionar aplicativo' : 'Ligar segundo fator'}
                </Button>
                {own.passkeys && knowsPasskeys() && (
                  <Button onClick={() => setAdding('passkey')}>Adicionar chave de acesso</Button>
                )}
                {own.data.length > 0 && <Button onClick={() => setRenewing(true)}>Gerar novos códigos</Button>}
              </div>
            )}
          </>
        )}
      </Fetched>
      {removing && <Remove factor={removing} close={() => setRemoving(null)} />}
      {renewing && <Renew close={() => setRenewing(false)} />}
    </section>
  );
}

function Remove({ factor, close }: { factor: Factor; close: () => void }) {
  const remove = useRemoveFactor(factor.id);
  return (
    <Modal opened onClose={close} title={`Remover ${factor.name}`}>
      <Proof action="Remover" work={remove} send={(proof) => remove.mutate(proof, { onSuccess: () => void logOut() })}>
        <p>Todas as suas sessões terminam, também esta. Sem outro segundo fator, só a senha protege a sua conta.</p>
      </Proof>
    </Modal>
  );
}

function Renew({ close }: { close: () => void }) {
  const renew = useNewRecoveryCodes();
  return (
    <Modal opened onClose={close} title="Novos códigos de recuperação">
      {renew.data ? (
        <RecoveryCodes codes={renew.data.recoveryCodes} done={close} />
      ) : (
        <Proof action="Gerar" work={renew} send={renew.mutate}>
          <p>Os códigos de antes deixam de valer.</p>
        </Proof>
      )}
    </Modal>
  );
}

interface ProofProps {
  action: string;
  work: { isPending: boolean; error: unknown };
  send: (proof: Shown) => void;
  children: React.ReactNode;
}

/** Asks for password and code, or passkey, before what weakens or renews the second factor. */
function Proof({ action, work, send, children }: ProofProps) {
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [faults, setFaults] = useState<{ password?: string; code?: string }>({});
  const [cancelled, setCancelled] = useState<unknown>(null);
  const passkey = async () => {
    setFaults({ password: password ? undefined : 'Informe a senha.' });
    setCancelled(null);
    if (password && !work.isPending)
      await passkeyAnswer().then((answer) => send({ password, passkey: answer }), setCancelled);
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const found = {
      password: password ? undefined : 'Informe a senha.',
      code: code.trim() ? undefined : 'Informe o código.',
    };
    setFaults(found);
    if (!found.password && !found.code && !work.isPending) send({ password, code: code.trim() });
  };
  const said = (pointer: string) => (work.error instanceof Failure ? work.error.about(pointer)?.detail : undefined);
  return (
    <form className="stack" noValidate onSubmit={submit}>
      {children}
      <PasswordInput
        label="Sua senha"
        autoComplete="current-password"
        value={password}
        error={faults.password ?? said('/password')}
        onChange={(e) => setPassword(e.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Mostrar ou ocultar a senha', tabIndex: 0 }}
      />
      <TextInput
        label="Código do aplicativo ou de recuperação"
        autoComplete="one-time-code"
        value={code}
        error={faults.code ?? said('/code')}
        onChange={(e) => setCode(e.currentTarget.value)}
      />
      {!!(cancelled ?? work.error) && !said('/password') && !said('/code') && (
        <ErrorBanner error={cancelled ?? work.error} />
      )}
      <div className="row">
        <Button type="submit" variant="filled" aria-busy={work.isPending}>
          {action}
        </Button>
        {knowsPasskeys() && <Button onClick={() => void passkey()}>Usar chave de acesso</Button>}
      </div>
    </form>
  );
}
