// Package pipeline is a run: it takes the cells of a manifest through their life, from the intent to the file on disk.
//
// [Run.cell] is that life, top to bottom. What is durable of it is in the journal, which also says what may be worked
// on next, and which reports read.
//
// # The promise
//
// Nothing is paid twice, and nothing that was paid for is lost. The order of the journal's writes keeps it: the intent
// before the request leaves, the task before the first look, the files before the cell is done. What a crash leaves is
// then one of: no intent (nothing was sent), an intent (looked up), a task (followed), files without a done (downloaded
// again). A task that was seen to succeed, or to be billed, is not judged anew when the service says something else of it
// later (billed.go): its cost stays, and its cell waits for its files until a person has it made again. An end that says
// neither success nor failure may have been billed: its cell waits in the same way, its money stays counted, and each start looks
// at it again until the service says how it ended. It is never paid for again by itself, and counts as a failure for
// limits.max_failures until then: a model that breaks for every cell may look so.
//
// # Its assumptions
//
// The API has no idempotency keys, so a submit whose answer never came is settled by Task/List (settle.go):
//
//   - An abandoned request does not run after a witness, a request of ours that began 5 s after the other's connection was
//     over. Under Hold nothing rests on this.
//   - Ids of tasks count upward: the newest id known when a request leaves is a bound, and only what is newer can be its
//     task. What leaves while the list has never answered has none, and is held when its answer is lost (orient.go).
//     Nothing rests on clocks: ours and the server's are never compared.
//   - An answer names the task of its submit, unless another cell has it already (believe.go): then it is looked up. Of two
//     that name the same at once, the one that comes first is believed. A task that shows another token than its answer did
//     is ours when it shows what was sent, or when the service names it by our token; else the service counts anew, and has
//     another by that id (whose.go). Where that is so from the start, the newest id known is no bound (orient.go).
//   - A list may lag, and by different times for different tasks: an absence takes two looks, the later at 20 s or more,
//     and a witness in each.
//   - A list may give fewer rows a page than were asked for, rows that can't be read, and an end where there is none: it
//     was read as far as what was known only where it shows that, or what is older (lookup.go). A task whose id can't be
//     compared may be of any time.
//   - Echoes may be empty, cut, or respelled: only an exact echo is adopted (echo.go), and only what is clearly another
//     parameter set tells whose of our submits a task is. To prove an absence takes more: a task that no cell has taken is
//     ruled out by a number where tasks of ours are shown with theirs as they were sent, and no rounding, bound or step
//     that these leave room for explains it (numbers.go), by a value that the list shows as it was sent in another task of
//     ours (absence.go), or by a text all of whose characters are shown as they were sent in texts of ours and which has
//     few words in common with it (spelling.go): a service respells by characters, or strikes words out, and does to all
//     that ask for the like the same; one that shows a text of ours in other words altogether does more, and is not relied
//     on. Else it may be the lost one in other words. Where a service respells all that we send, lost submits are held, and
//     where somebody else is busy on the account, those whose text is short, has characters of its own, or is worded like
//     theirs.
//   - Where the manifest has a callbackUrl, each submit adds a mark of its own to it (mark.go): derived from a secret of the folder,
//     the cell and the time of the intent, so that a later start knows it too. A task that shows it is the submit's, whatever its
//     parameters look like, but for a model that is known to be another, and under Hold clearly other parameters: that list mixes its
//     rows. When it ends without a result, or is cancelled by us, another with the mark is looked for, for a gateway may have passed the
//     submit on twice: under Hold nothing proves that there is none, and else not while the like of it shows no URL. A later start looks
//     for any other task that may be the cell's. Of a submit that was answered a second task is never seen. One that shows another mark is not. One that shows a URL without a mark, or none,
//     is not either, where tasks of ours show theirs in the same list, and none of ours shows less. What leaves the URL out says
//     nothing, and nor do marks once a task was taken by likeness among submits that ask for the same. A witness, and two looks, it
//     takes as ever: an abandoned request may yet run.
//   - Others may use the account: without marks their tasks are told apart by their parameters, for nothing else in a list says whose
//     of two tasks alike is. Runs of one user on one machine ask each other's journals (neighbours.go, owners.go): a task is taken
//     by one of them, none while another's unanswered submit may have made it, and what is lost is interchangeable among
//     them. That rests on the machine's clock to 2½ minutes, and on the times of files to an hour: a journal that was not
//     written since the start that lost an answer, less that hour, is not asked. One that can't be read lets what is lost
//     be held. Of runs on different machines, or of different users, that ask for the same at the same time neither pays
//     twice, for each cell one task is made at most; but without marks a cell may show the task and cost of the other run's, and its
//     own stand in no row. When a task that was found by likeness ends without a result, or is cancelled, the list is searched beyond it
//     before the end counts (fallen.go): then that end is the witness, for the next starts too. Where one of
//     those found ended without saying how, what is lost is held instead: that one may be its own. A task that does not show
//     its model, or shows an id of it that no task of ours has shown, is told apart by the list of that model alone
//     (models.go).
//   - The journal's disk keeps what it has synced.
//
// # Outages
//
// What fails of submits, looks, lists and price lists comes out of one budget: a tenth of the looks, lists and price lists
// that were answered, and of the submits and downloads that are to come (watch/budget.go). When four in a row fail, or more
// than a tenth, all of their kind wait, and one goes ahead after a pause of a second, which doubles to a minute. When nothing
// was answered for four minutes, what is left of the budget decides how pauses grow: not at all where there is much, to ten
// minutes where there is none. So an hour of outage costs a run of 40 cells or more about a tenth more calls, and a smaller one
// some twenty to thirty; the price is that a small run finds out up to ten minutes late that it is over. Downloads have tries of
// their own. Where nothing was ever answered nothing waits for long: a service that was never reached ends the run in minutes. What it
// refuses without a reason that is known is the cell's fault or the service's (refused.go): that is told by what happens to others.
//
// # What tries to break it
//
// Package simulation tries all of it at once: a seed decides faults, crashes, budgets, a stranger and a second run on the
// account, of this machine or of another. Each assumption by itself: whose task is it, and others on the account, in adopt_test.go,
// neighbours_test.go and marks_test.go; witnesses, late
// requests, respelled echoes and outages in regress_test.go; each fault in fault_test.go; lists that lag or echo nothing,
// and what an hour of trouble costs, in traffic_test.go and outage_test.go; what ends the submitting in latch_test.go; servers that lie in
// hostile_test.go; lists that break off in lists_test.go, echoes in other words in absence_test.go; what a power cut leaves in torn_test.go; the disk in disk_test.go, and in internal/cli, which kills the
// real program (crash_test.go) and lets its system calls fail (inject_test.go).
package pipeline
