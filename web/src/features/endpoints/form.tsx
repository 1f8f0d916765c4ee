import { Button, Checkbox, Radio, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';

import { Failure } from '../../lib/api';
import { endpointPayloadWords, endpointTypeWords } from '../../lib/endpoint-words';
import { rules } from '../../lib/rules';
import { ErrorBanner } from '../../ui/states';
import type { Endpoint, EndpointType, EndpointValues } from './queries';

const allTypes = Object.keys(endpointTypeWords) as EndpointType[];

interface Props {
  endpoint?: Endpoint; // that is changed; none: a new one
  action: string;
  work: { mutate: (values: EndpointValues) => void; isPending: boolean; error: unknown };
}

/** What a system is to be sent, and where. */
export function EndpointForm({ endpoint, action, work }: Props) {
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [description, setDescription] = useState(endpoint?.description ?? '');
  const [types, setTypes] = useState<string[]>(endpoint?.types.length ? endpoint.types : allTypes);
  const [payload, setPayload] = useState<Endpoint['payload']>(endpoint?.payload ?? 'whole');
  const [faults, setFaults] = useState<{ url?: string; types?: string }>({});
  const refused = work.error instanceof Failure ? work.error.about('/url') : undefined;
  const submit = (e: FormEvent) => {
    e.preventDefault();
    const found = {
      url: url.trim() ? undefined : 'Informe o endereço do sistema.',
      types: types.length ? undefined : 'Marque ao menos um assunto.',
    };
    setFaults(found);
    if (found.url || found.types || work.isPending) return;
    // With every subject chosen none is named, so that those that come later are sent too.
    const chosen = types.length === allTypes.length ? [] : (types as EndpointType[]);
    work.mutate({ url: url.trim(), description: description.trim(), types: chosen, payload });
  };
  return (
    <form className="stack" noValidate onSubmit={submit}>
      <TextInput
        label="Endereço do sistema"
        description="Começa com https:// e aceita POST. Quem cuida do sistema sabe qual é."
        placeholder="https://"
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        maxLength={rules.endpointUrl.maxLength}
        value={url}
        error={faults.url ?? refused?.detail}
        onChange={(e) => setUrl(e.currentTarget.value)}
        data-testid="endpoint-url"
        data-autofocus
      />
      <TextInput
        label="Para que serve (opcional)"
        maxLength={rules.endpointUse.maxLength}
        value={description}
        onChange={(e) => setDescription(e.currentTarget.value)}
      />
      <Checkbox.Group label="Assuntos" error={faults.types} value={types} onChange={setTypes}>
        <div className="stack tight">
          {allTypes.map((type) => (
            <Checkbox key={type} value={type} label={endpointTypeWords[type]} />
          ))}
        </div>
      </Checkbox.Group>
      <Radio.Group
        label="O que vai em cada envio"
        value={payload}
        onChange={(v) => setPayload(v as Endpoint['payload'])}
      >
        <div className="stack tight">
          {(['whole', 'thin'] as const).map((p) => (
            <Radio key={p} value={p} label={endpointPayloadWords[p]} />
          ))}
        </div>
      </Radio.Group>
      {work.error && !refused ? <ErrorBanner error={work.error} /> : null}
      <Button type="submit" variant="filled" aria-busy={work.isPending} data-testid="endpoint-save">
        {action}
      </Button>
    </form>
  );
}
