package wiro

// Status is where a task is in its life.
type Status string

// The statuses in their order (documentation). Others may come: whatever is
// not Terminal is still running.
const (
	StatusQueue            Status = "task_queue"
	StatusAccept           Status = "task_accept"
	StatusPreprocessStart  Status = "task_preprocess_start"
	StatusPreprocessEnd    Status = "task_preprocess_end"
	StatusAssign           Status = "task_assign"
	StatusStart            Status = "task_start"
	StatusOutput           Status = "task_output"
	StatusOutputFull       Status = "task_output_full"
	StatusError            Status = "task_error"      // a log event, not the end
	StatusErrorFull        Status = "task_error_full" // likewise
	StatusEnd              Status = "task_end"        // files are not there yet
	StatusPostprocessStart Status = "task_postprocess_start"
	StatusPostprocessEnd   Status = "task_postprocess_end"
	StatusCancel           Status = "task_cancel"
)

// Terminal reports whether nothing more will happen (seed): after
// task_postprocess_end and task_cancel, and after nothing else.
func (s Status) Terminal() bool { return s == StatusPostprocessEnd || s == StatusCancel }

// Outcome is how a task ended.
type Outcome int

const (
	Running   Outcome = iota // not ended, as far as is known
	Succeeded                // there is a result, and it is billed
	Failed                   // the model failed; not billed
	Canceled                 // cancelled or killed; not billed
)

// String is "running", "succeeded", "failed" or "canceled".
func (o Outcome) String() string {
	return [...]string{"running", "succeeded", "failed", "canceled"}[o]
}

// CostSource is where a cost is from.
type CostSource string

const (
	CostUnknown  CostSource = ""
	CostReported CostSource = "reported" // totalcost, or the rule that only success is billed
	CostComputed CostSource = "computed" // elapsedseconds × cps
	CostListed   CostSource = "price"    // from the model's price list
)
