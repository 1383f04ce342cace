package sandbox

import "github.com/shopspring/decimal"

var ratios = []string{"16:9", "9:16", "1:1", "4:3", "3:4", "2:3", "3:2"}

const samplePrompt = "A mystical dragon hovering above a sparkling waterfall under a starry sky."

// models is the catalogue: the model of the page that the API was learned from, its text-to-image
// sister, and one model of the sandbox's own for each other kind of price, input and output.
var models = catalog{
	{
		ID: "598", Owner: "Qwen", Project: "Qwen-Image-Fast", Description: "Qwen-Image-Fast",
		Categories: []string{"bf16", "persistent", "model", "image-to-image", "qwen-image", "h100"},
		CPS:        decimal.RequireFromString("0.000585"),
		Inputs: []input{
			{ID: "prompt", Label: "prompt", Type: "textarea", Required: true, Default: samplePrompt},
			{ID: "scale", Label: "guidancescale", Type: "float", Default: "4.5"},
			{ID: "aspectRatio", Label: "Aspect Ratio", Type: "select", Default: "16:9", Options: ratios},
			{ID: "seed", Label: "seed", Type: "text", Default: "42"},
		},
		Inspire: []string{
			"Painting on vellum, a lone woman with elongated limbs, swirling pastel background, distorted proportions, bold brushstrokes, vibrant reds and blues, dramatic chiaroscuro, surreal floating objects, expressionist energy, soft light from a side source, textured surface, detailed line work.",
			"A mountain climber hangs from a cliff edge, chalk dust floating, rope taut, sunset sky behind, hyper-detailed dramatic adventure photo",
			"A ballerina leaps across the stage, flowing dress frozen mid-air, spotlight casting dramatic shadows, elegant and intense performance captured.",
			"A surfer rides a towering wave, spray blasting into the sky, sunlight piercing through water, intense action moment captured in hyper-realism",
		},
	},
	{
		ID: "597", Owner: "Qwen", Project: "Qwen-Image", Description: "Text to image; seed 0 draws a random one. Priced per request.",
		Categories: []string{"model", "text-to-image", "qwen-image"},
		Prices:     []price{{Amount: decimal.RequireFromString("0.02"), Method: perRequest}},
		Inputs: []input{
			{ID: "prompt", Label: "prompt", Type: "textarea", Required: true},
			{ID: "negativePrompt", Label: "negative prompt", Type: "textarea"},
			{ID: "aspectRatio", Label: "Aspect Ratio", Type: "select", Default: "16:9", Options: ratios},
			{ID: "steps", Label: "steps", Type: "range", Default: "30", Min: "1", Max: "50", Step: "1"},
			{ID: "scale", Label: "guidancescale", Type: "float", Default: "4"},
			{ID: "seed", Label: "seed", Type: "text", Default: "0"},
		},
	},
	{
		ID: "9001", Owner: "sandbox", Project: "pixels", Description: "A picture priced by its pixels.",
		Categories: []string{"model", "text-to-image"},
		Prices: []price{{Amount: decimal.RequireFromString("0.03"), Method: perPixel,
			Extra: decimal.RequireFromString("0.015")}},
		Inputs: []input{
			{ID: "prompt", Label: "prompt", Type: "textarea", Required: true},
			{ID: "width", Label: "width", Type: "range", Default: "1024", Min: "256", Max: "4096", Step: "8"},
			{ID: "height", Label: "height", Type: "range", Default: "1024", Min: "256", Max: "4096", Step: "8"},
			{ID: "seed", Label: "seed", Type: "text", Default: "42"},
		},
	},
	{
		ID: "9002", Owner: "sandbox", Project: "text", Description: "A text, priced per token.",
		Categories: []string{"model", "llm"}, kind: makesText,
		Prices: []price{{Amount: decimal.RequireFromString("0.000002"), Method: perToken}},
		Inputs: []input{
			{ID: "prompt", Label: "prompt", Type: "textarea", Required: true},
			{ID: "temperature", Label: "temperature", Type: "range", Default: "0.7", Min: "0", Max: "2", Step: "0.1"},
		},
	},
	{
		ID: "9003", Owner: "sandbox", Project: "samples", Description: "Several pictures a run, priced per output.",
		Categories: []string{"model", "text-to-image"},
		Prices:     []price{{Amount: decimal.RequireFromString("0.004"), Method: perOutput}},
		Inputs: []input{
			{ID: "prompt", Label: "prompt", Type: "textarea", Required: true},
			{ID: "samples", Label: "samples", Type: "range", Default: "4", Min: "1", Max: "8", Step: "1"},
			{ID: "aspectRatio", Label: "Aspect Ratio", Type: "select", Default: "1:1", Options: ratios},
			{ID: "seed", Label: "seed", Type: "text", Default: "42"},
		},
	},
	{
		ID: "9004", Owner: "sandbox", Project: "image-to-image", Description: "Takes an image; the price depends on the quality.",
		Categories: []string{"tool", "image-to-image"},
		Prices: []price{
			{Inputs: []param{{"quality", "draft"}}, Amount: decimal.RequireFromString("0.01"), Method: perRequest},
			{Inputs: []param{{"quality", "fine"}}, Amount: decimal.RequireFromString("0.05"), Method: perRequest},
		},
		Inputs: []input{
			{ID: "inputImage", Label: "input image", Type: "fileinput", Required: true},
			{ID: "styleImages", Label: "style images", Type: "combinefileinput"},
			{ID: "prompt", Label: "prompt", Type: "textarea"},
			{ID: "quality", Label: "quality", Type: "select", Default: "draft", Options: []string{"draft", "fine"}},
			{ID: "seed", Label: "seed", Type: "text", Default: "42"},
		},
	},
	{
		ID: "9005", Owner: "sandbox", Project: "failing", Description: "Runs for a while and fails, always: never billed.",
		Categories: []string{"model", "text-to-video"}, kind: makesNothing,
		CPS:    decimal.RequireFromString("0.002"),
		Inputs: []input{{ID: "prompt", Label: "prompt", Type: "textarea", Required: true}},
	},
}
