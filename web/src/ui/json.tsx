import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';

import { download } from '../lib/download';
import { copy } from './basics';

/** JSON as a tree that folds, with find, copy and download. What it shows is text, never markup. */
export function JsonViewer({ value, name }: { value: unknown; name: string }) {
  const [find, setFind] = useState('');
  const text = JSON.stringify(value, null, 2);
  return (
    <div className="stack" data-testid="payload">
      <div className="row noprint">
        <TextInput
          aria-label="Procurar no conteúdo"
          placeholder="Procurar"
          value={find}
          onChange={(e) => setFind(e.currentTarget.value)}
        />
        <Button onClick={() => copy(text)}>Copiar</Button>
        <Button onClick={() => download(`${name}.json`, text)}>Baixar</Button>
      </div>
      <div
        className="card"
        role="region"
        aria-label="Conteúdo"
        tabIndex={0}
        style={{ overflowX: 'auto', background: 'var(--pp-bg)' }}
      >
        <code className="block">
          <Node value={value} find={find.toLowerCase()} />
        </code>
      </div>
    </div>
  );
}

function Node({ name, value, find }: { name?: string; value: unknown; find: string }) {
  const label = name === undefined ? null : <span className="muted">{name}: </span>;
  if (value === null || typeof value !== 'object') {
    const leaf = JSON.stringify(value);
    const found = find && (leaf.toLowerCase().includes(find) || name?.toLowerCase().includes(find));
    return (
      <div>
        {label}
        {found ? <mark>{leaf}</mark> : leaf}
      </div>
    );
  }
  const entries = Object.entries(value);
  return (
    <details open>
      <summary>
        {label}
        {Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}
      </summary>
      <div style={{ paddingLeft: 16 }}>
        {entries.map(([k, v]) => (
          <Node key={k} name={k} value={v} find={find} />
        ))}
      </div>
    </details>
  );
}
