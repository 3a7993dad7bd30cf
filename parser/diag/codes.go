package diag

// Row describes one code: what it means, a small program that earns it, and how
// such a program is usually put right. The reference of errors and the tests of
// bad programs are made from these rows.
type Row struct {
	Code        string
	Title       string
	Warning     bool
	Explanation string
	Wrong       string // a whole file
	Help        string
}

// Codes returns all rows in order of code. The first two digits are the family:
// 01 syntax, 02 names, 03 shapes, 04 types, 05 models and training, 06
// differentiation, 07 imports, 08 names in the generated Go.
func Codes() []Row {
	var rows []Row
	for _, family := range [][]Row{
		syntaxCodes, nameCodes, shapeCodes, typeCodes, modelCodes, diffCodes, fileCodes,
	} {
		rows = append(rows, family...)
	}
	return rows
}

// Lookup returns the row of a code.
func Lookup(code string) (Row, bool) {
	for _, r := range Codes() {
		if r.Code == code {
			return r, true
		}
	}
	return Row{}, false
}

var fileCodes = []Row{
	{
		Code: "G0701", Title: "import not found",
		Explanation: "An import names a module of the standard library (\"nn\") or, beginning with ./ or ../, a file beside the importing one, without its .grad.",
		Wrong:       "import \"nm\"\n\nmodel M {\n    input x\n    output y = x\n}\n",
		Help:        "check the spelling, or write ./name for a file of your own",
	},
	{
		Code: "G0702", Title: "imports form a cycle",
		Explanation: "A file may not import itself, directly or through others; the message shows the way round.",
		Wrong:       "import \"./G0702\"\n\nfunc F(x) = x\n",
		Help:        "move what both files need into a third",
	},
	{
		Code: "G0703", Title: "import of the same name twice",
		Explanation: "A module is used under the last part of its path, so two imports may not end in the same word.",
		Wrong:       "import \"nn\"\nimport \"nn\"\n\nmodel M {\n    input x [3]\n    output y = nn.Dense(x, 2)\n}\n",
		Help:        "drop or rename one of the files",
	},
	{
		Code: "G0704", Title: "the module has no such name",
		Explanation: "What stands after the point is not declared at the top level of the imported module.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x [3]\n    output y = nn.Dens(x, 2)\n}\n",
	},
	{
		Code: "G0705", Title: "unused import", Warning: true,
		Explanation: "Nothing of the imported module is used in this file.",
		Wrong:       "import \"nn\"\n\nmodel M {\n    input x\n    output y = x\n}\n",
		Help:        "remove the import",
	},
	{
		Code: "G0801", Title: "two declarations need the same Go name",
		Explanation: "A model M becomes Go types M, MDims, MParams, MPredictor, MTrainer and so on and a function NewM; exported functions keep their names. No two declarations of a file may need the same one. (Inside a model the names that meet, such as w and W, get underscores.)",
		Wrong:       "model M {\n    input x\n    output y = x\n}\n\nfunc NewM(x) = x\n",
		Help:        "rename one of them",
	},
	{
		Code: "G0802", Title: "this name cannot be used in Go",
		Explanation: "Exported functions and models become Go declarations; some names (init, main, _) mean something else there.",
		Wrong:       "model _ {\n    input x\n    output y = x\n}\n",
		Help:        "choose another name",
	},
}
