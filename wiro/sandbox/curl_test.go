package sandbox

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The command lines of the model page, as they stand there, work against the sandbox: only the host
// and the credentials are put in, the sample's token is replaced by that of the task just made, and
// the signature is cut to its hex, since openssl puts a name before it.
func TestCommandsOfTheModelPage(t *testing.T) {
	for _, tool := range []string{"sh", "curl", "openssl", "sed"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the model page's command lines need %s, which is not installed", tool)
		}
	}
	page, err := os.ReadFile("testdata/seed-commands.sh")
	if err != nil {
		t.Fatal(err)
	}
	r := serve(t, Options{Key: "page-key", Secret: "page-secret", Shape: ShapeSeed, Timing: Timing{Queue: Exactly(600)}})
	put := strings.NewReplacer(
		"https://api.wiro.ai", r.base,
		"{{useSelectedProjectAPIKey}}", "page-key",
		"XXXXXXXXX", "page-secret",
		`-hmac "${YOUR_API_KEY}")"`, `-hmac "${YOUR_API_KEY}" | sed 's/^.*= *//')"`,
	)
	setup, commands, _ := strings.Cut(put.Replace(string(page)), "\ncurl ")
	token := "not yet"
	sh := func(command string) object {
		t.Helper()
		command = strings.ReplaceAll(command, "eDcCm5yyUfIvMFspTwww49OUfgXkQt", token)
		out, err := exec.Command("sh", "-c", setup+"\ncurl --silent --noproxy '*' "+command).Output()
		if err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		return parse(t, string(out))
	}
	var answers []object
	for command := range strings.SplitSeq(commands, "\ncurl ") {
		o := sh(command)
		answers = append(answers, o)
		if o.str("socketaccesstoken") != "" {
			token = o.str("socketaccesstoken")
		}
	}
	want := []string{"", "", "", "1 There is no task yet.", "1 There is no task yet.", "1 There is no task yet."}
	if len(answers) != len(want) {
		t.Fatalf("%d answers, want %d: %v", len(answers), len(want), answers)
	}
	for i := range answers {
		if got := message(answers[i]); got != want[i] {
			t.Errorf("command %d answers %q, want %q: %v", i, got, want[i], answers[i])
		}
	}
	if answers[0].str("taskid") != "2221" || r.Accepted() != 1 {
		t.Errorf("Run answers %v", answers[0])
	}
	for _, detail := range answers[1:3] { // by the sample's id, which is the sandbox's first, and by token
		task := detail.list("tasklist")[0]
		params := object(task["parameters"].(map[string]any))
		if task.str("id") != "2221" || params.str("scale") != "4.5" || !strings.HasPrefix(params.str("prompt"), "A mystical dragon") {
			t.Errorf("Task/Detail answers %v", task)
		}
	}
	// Cancel, now of the task that there is
	lines := strings.Split(strings.TrimSpace(commands), "\ncurl ")
	cancel := strings.Replace(lines[len(lines)-1], "634574", "2221", 1)
	if o := sh(cancel); len(o.list("tasklist")) != 1 || o.list("tasklist")[0].str("status") != statusCancel {
		t.Errorf("Task/Cancel answers %v", o)
	}
	// the prefix that openssl prints must not be sent
	setup = strings.Replace(setup, ` | sed 's/^.*= *//'`, ` | sed 's/^.*= */SHA2-256(stdin)= /'`, 1)
	if got := message(sh(cancel)); got != "0 Project authorization is not valid." {
		t.Errorf("a signature with openssl's prefix is answered %q", got)
	}
}
