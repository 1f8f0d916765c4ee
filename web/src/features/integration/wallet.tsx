import { Button, TextInput } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';

import { Failure } from '../../lib/api';
import type { Connection } from '../../lib/clinic';
import { connected } from '../../lib/connection-labels';
import { useSaveConnection } from './queries';

const walletIdPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const walletIdHelp = 'O ID tem 36 caracteres, como 0f1e2d3c-4b5a-4c6d-8e7f-901a2b3c4d5e.';

/** Shows the wallet that was read from Asaas, and lets it be changed. */
export function WalletForm({
  conn,
  typed,
  saved,
}: {
  conn: Connection;
  typed: string;
  saved: (c: Connection) => void;
}) {
  const [value, setValue] = useState(conn.walletId ?? typed);
  const [fault, setFault] = useState('');
  const put = useSaveConnection(conn, saved);
  useEffect(() => setValue(conn.walletId ?? typed), [conn.walletId, typed]);
  const refused = put.error instanceof Failure ? put.error.about('/walletId') : undefined;
  const right = refused?.code === 'wallet_differs' ? refused.detail?.match(/[0-9a-f-]{36}/)?.[0] : undefined;
  const changed = value.trim() !== (conn.walletId ?? '');

  const save = (id: string) => {
    setFault(walletIdPattern.test(id) ? '' : walletIdHelp);
    if (walletIdPattern.test(id)) put.mutate({ walletId: id });
  };
  const submit = (e: FormEvent) => {
    e.preventDefault();
    save(value.trim());
  };
  return (
    <form className="stack form" noValidate onSubmit={submit}>
      <TextInput
        label="ID da carteira (WalletForm ID)"
        data-testid="wallet-id"
        spellCheck={false}
        value={value}
        onChange={(e) => setValue(e.currentTarget.value)}
        description={
          connected(conn.state) ? 'Preenchido automaticamente.' : 'Será preenchido automaticamente com a chave.'
        }
        error={fault || refused?.detail || put.error?.message}
      />
      {right && (
        <div className="row">
          <Button
            onClick={() => {
              setValue(right);
              save(right);
            }}
          >
            Usar este
          </Button>
        </div>
      )}
      {connected(conn.state) && changed && (
        <div className="row">
          <Button type="submit" loading={put.isPending}>
            Salvar carteira
          </Button>
        </div>
      )}
    </form>
  );
}
