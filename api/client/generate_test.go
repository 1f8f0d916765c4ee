package client_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The generator is pinned in tools/go.mod; where its modules cannot be had the comparison
// of operations below still holds.
func TestTheGeneratedClientIsWhatTheContractSays(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "client.gen.go")
	cmd := exec.CommandContext(
		t.Context(), "go", "tool", "-modfile=../../tools/go.mod", "oapi-codegen", "-config", "oapi-codegen.yaml",
		"-o", out, "../v1/openapi.json",
	)
	if text, err := cmd.CombinedOutput(); err != nil {
		if bytes.Contains(text, []byte("proxy.golang.org")) || bytes.Contains(text, []byte("module lookup disabled")) {
			t.Skipf("the generator's modules cannot be had: %s", text)
		}
		t.Fatalf("%v\n%s", err, text)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("client.gen.go")
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("client.gen.go is not what the contract says (%v): make generate", err)
	}
}

// The descriptions of operations are Portuguese, for /docs; as comments they stood in a package that is English.
func TestTheGeneratedClientsCommentsAreEnglish(t *testing.T) {
	t.Parallel()
	generated, err := os.ReadFile("client.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	comment := regexp.MustCompile(`(?m)^\s*//.*[ãõçáéíóúâêô].*$`)
	for _, line := range comment.FindAllString(string(generated), -1) {
		if accented := strings.ReplaceAll(line, "São Paulo", ""); comment.MatchString(accented) {
			t.Fatalf("Portuguese in a comment; see overlay.yaml: %s", line)
		}
	}
}
