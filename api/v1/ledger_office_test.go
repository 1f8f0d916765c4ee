//go:build faults

package v1_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"patapay/domain/asaas/samples"

	"github.com/stretchr/testify/require"
)

// office opens a CSV as a Brazilian spreadsheet does, recalculates it, and returns what its
// cells show.
func office(t *testing.T, text string) [][]string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "extrato.csv"), []byte(text), 0o600))
	cmd := exec.CommandContext(
		t.Context(),
		"soffice",
		"--headless",
		"-env:UserInstallation=file://"+dir+"/profile",
		"--infilter=Text - txt - csv (StarCalc):59,34,76,1,,1046",
		"--convert-to",
		`csv:Text - txt - csv (StarCalc):44,34,76,1,,1046,false,true,false`,
		"--outdir",
		filepath.Join(dir, "out"),
		filepath.Join(dir, "extrato.csv"),
	)
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "apt-get install --no-install-recommends libreoffice-calc: %s", said)
	raw, err := os.ReadFile(filepath.Join(dir, "out", "extrato.csv"))
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff"))).ReadAll()
	require.NoError(t, err)
	return rows
}

func TestFaultAStatementOpensInLibreOfficeWithItsColumnsAccentsAndInertCells(t *testing.T) {
	w := newReadWorld(t)
	c := w.clinic(t, "Vida")
	evil := strings.ReplaceAll(string(samples.Event("payment_received_pix.real")), "pay_3h08j28ezvwv7s4h", "=1+1")
	w.deliver(
		t,
		c,
		samples.Event("receivable_anticipation_credited.doc"),
		[]byte(strings.Replace(evil, "evt_", "evt_0", 1)),
	)
	text, _ := w.as(t, c, "finance").file("/ledger/statement.csv")
	rows := office(t, text)
	require.Equal(t, []string{"Data", "Descrição", "Referência", "Entrada", "Saída", "Saldo"}, rows[0])
	require.Len(t, rows, 3)
	for _, row := range rows[1:] {
		require.Len(t, row, 6)
		require.NotEqual(t, "2", row[2], "a formula was worked out")
	}
	require.Contains(t, rows[1][1]+rows[2][1], "Antecipação creditada")
	require.Contains(t, rows[1][3]+rows[2][3], "302.37", "a number, which the plain output writes with a point")
	require.Contains(t, rows[1][2]+rows[2][2], "=1+1")
}
