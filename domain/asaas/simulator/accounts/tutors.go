package accounts

import "fmt"

// Names of tutors, as a clinic in Brazil has them: with accents, particles and apostrophes.
var (
	firstNames = []string{
		"Ana Clara", "João Pedro", "Maria Aparecida", "José Antônio", "Luíza", "Carlos Eduardo",
		"Beatriz", "Antônia", "Rafael", "Conceição",
		"Thaís", "Sebastião", "Júlia", "Márcio", "Letícia", "Otávio", "Helena", "Inácio", "Patrícia", "Vinícius",
		"Débora", "Cauã", "Sílvia",
	}
	lastNames = []string{
		"da Silva", "Gonçalves", "de Souza Araújo", "D'Ávila", "dos Santos", "Nakamura", "Müller",
		"Magalhães", "Assunção", "Falcão",
		"Conceição Neto", "Brandão", "Sant'Anna", "Queirós", "Guimarães", "Simões", "Ferraz", "Leitão", "Vasconcelos",
	}
)

// tutor returns the name and CPF of the nth payer of an account: the same ones in every run,
// and all of them together before one comes again.
func tutor(n int) (name, taxID string) {
	digits := fmt.Sprintf("%09d", 249_715_637+n*97)
	return firstNames[n%len(firstNames)] + " " + lastNames[n%len(lastNames)], digits + checkDigits(digits)
}

// checkDigits returns the last two digits of a CPF (modulo 11).
func checkDigits(digits string) string {
	for len(digits) < 11 {
		sum := 0
		for i, d := range digits {
			sum += int(d-'0') * (len(digits) + 1 - i)
		}
		digits += fmt.Sprint(sum * 10 % 11 % 10)
	}
	return digits[9:]
}
