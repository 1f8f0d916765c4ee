import { Button, Popover } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';

import { roleNames } from '../features/settings/labels';
import { useMe } from '../lib/clinic';
import { decisions } from '../lib/pending-decisions';
import { logOut } from '../lib/session';
import { Icon } from '../ui/icon';
import { ThemeChoice } from '../ui/theme-choice';

/** One's own menu: who is logged in, the theme, the profile and the way out. */
export default function PersonMenu() {
  const me = useMe();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const leave = () =>
    decisions
      .flush(false)
      .then(logOut)
      .then(() => navigate({ to: '/app/entrar' }));
  return (
    <Popover position="bottom-end" trapFocus returnFocus opened={open} onChange={setOpen}>
      <Popover.Target>
        <Button variant="subtle" aria-label="Seu perfil" px={10} onClick={() => setOpen(!open)}>
          <Icon name="user" />
        </Button>
      </Popover.Target>
      <Popover.Dropdown className="stack" aria-label="Seu perfil">
        <div>
          <strong>{me?.name}</strong>
          <div className="small muted">
            {me?.email} · {roleNames[me?.role ?? ''] ?? me?.role}
          </div>
        </div>
        <ThemeChoice />
        <Link to="/app/perfil" onClick={() => setOpen(false)}>
          Meu perfil
        </Link>
        <Button onClick={leave}>Sair</Button>
      </Popover.Dropdown>
    </Popover>
  );
}
