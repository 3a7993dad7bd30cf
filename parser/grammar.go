package parser

import (
	"github.com/alecthomas/participle/v2/lexer"

	"github.com/gradgen/gradgen/parser/ast"
	"github.com/gradgen/gradgen/parser/diag"
)

// The grammar of statements, in participle's notation. Expressions, blocks, names
// and shapes are parsed by the functions registered in newSession for the
// interface types below. Every struct keeps its Tokens for its span.
type (
	gName   interface{ Span() diag.Span } // *ast.Name
	gBound  interface{ ast.Expr }         // an expression without comparisons
	gBody   interface{ ast.Expr }         // an expression or a block
	gBlock  interface{ ast.Expr }         // *ast.Block
	gShape  interface{ Span() diag.Span } // *ast.Shape
	gRange  interface{ Span() diag.Span } // *ast.Range
	gOption interface{ Span() diag.Span } // *option
	gIndex  interface{ Span() diag.Span } // *indexList
)

type gStmt struct {
	Real      *lexer.Token `parser:"'real' @Ident"`
	Import    []*gImport   `parser:"| 'import' @@ (',' @@)*"`
	Const     []*gDef      `parser:"| 'const' @@ (',' @@)*"`
	Dim       []*gOptDef   `parser:"| 'dim' @@ (',' @@)*"`
	Input     []*gInput    `parser:"| 'input' @@ (',' @@)*"`
	Param     []*gParam    `parser:"| 'param' @@ (',' @@)*"`
	State     []*gState    `parser:"| 'state' @@ (',' @@)*"`
	Carry     []*gState    `parser:"| 'carry' @@ (',' @@)*"`
	Output    []*gOptDef   `parser:"| 'output' @@ (',' @@)*"`
	Metric    []*gOptDef   `parser:"| 'metric' @@ (',' @@)*"`
	Loss      []*gLoss     `parser:"| 'loss' @@ (',' @@)*"`
	Collect   []*gDef      `parser:"| 'collect' @@ (',' @@)*"`
	Train     *gTrain      `parser:"| 'train' @@"`
	Return    *gReturn     `parser:"| 'return' @@"`
	Func      *gFunc       `parser:"| 'func' @@"`
	Layer     *gFunc       `parser:"| 'layer' @@"`
	Model     *gModel      `parser:"| 'model' @@"`
	Optimizer *gOptimizer  `parser:"| 'optimizer' @@"`
	For       *gLoop       `parser:"| 'for' @@"`
	Scan      *gLoop       `parser:"| 'scan' @@"`
	While     *gWhile      `parser:"| 'while' @@"`
	If        *gIf         `parser:"| @@"`
	Update    *gUpdate     `parser:"| @@"`
	Assign    *gAssign     `parser:"| @@"`
}

type gImport struct {
	Tokens []lexer.Token
	Path   lexer.Token `parser:"@String"`
}

// gDef is `parser:"name = e"`, gOptDef also `parser:"name"` alone.
type gDef struct {
	Tokens []lexer.Token
	Name   gName    `parser:"@@"`
	Value  ast.Expr `parser:"'=' @@"`
}

type gOptDef struct {
	Tokens []lexer.Token
	Name   gName    `parser:"@@"`
	Value  ast.Expr `parser:"('=' @@)?"`
}

type gInput struct {
	Tokens []lexer.Token
	Name   gName        `parser:"@@"`
	Shape  gShape       `parser:"@@?"`
	Type   *lexer.Token `parser:"@Ident?"`
}

type gParam struct {
	Tokens     []lexer.Token
	Name       gName        `parser:"@@"`
	Shape      gShape       `parser:"@@?"`
	Type       *lexer.Token `parser:"@Ident?"`
	Constraint *gConstraint `parser:"@@?"`
	Dist       ast.Expr     `parser:"('~' @@"`
	Init       ast.Expr     `parser:"| '=' @@)?"`
}

type gConstraint struct {
	Tokens []lexer.Token
	Above  gBound   `parser:"'>' @@"`
	Lo     ast.Expr `parser:"| 'in' '(' @@"`
	Hi     ast.Expr `parser:"',' @@ ')'"`
}

type gState struct {
	Tokens []lexer.Token
	Name   gName        `parser:"@@"`
	Shape  gShape       `parser:"@@?"`
	Type   *lexer.Token `parser:"@Ident?"`
	Init   ast.Expr     `parser:"('=' @@)?"`
}

type gLoss struct {
	Tokens []lexer.Token
	Name   gName    `parser:"(@@ '=')?"`
	Value  ast.Expr `parser:"@@"`
}

type gTrain struct {
	Loss gName       `parser:"(@@ ':')?"`
	Rule ast.Expr    `parser:"@@"`
	For  []*gPattern `parser:"('for' @@ (',' @@)*)?"`
}

type gPattern struct {
	Tokens   []lexer.Token
	Anywhere bool     `parser:"@'..'?"`
	Path     []*gStep `parser:"@@ ('.' @@)*"`
}

type gStep struct {
	Tokens []lexer.Token
	Name   gName      `parser:"@@"`
	Index  []ast.Expr `parser:"('[' @@ (',' @@)* ']')?"`
}

type gReturn struct {
	Values []ast.Expr `parser:"@@ (',' @@)*"`
}

type gFunc struct {
	Name       gName         `parser:"@@"`
	Params     []*gFuncParam `parser:"'(' (@@ (',' @@)* ','?)? ')'"`
	Value      ast.Expr      `parser:"('=' @@"`
	Block      gBlock        `parser:"| @@)"`
	Derivative *gDerivative  `parser:"@@?"`
}

type gFuncParam struct {
	Tokens  []lexer.Token
	Name    gName        `parser:"@@"`
	Shape   gShape       `parser:"@@?"`
	Type    *lexer.Token `parser:"@(Ident | 'dim')?"`
	Default ast.Expr     `parser:"('=' @@)?"`
}

type gDerivative struct {
	Tokens []lexer.Token
	Params []gName `parser:"'derivative' '(' (@@ (',' @@)* ','?)? ')'"`
	Body   gBody   `parser:"'=' @@"`
}

type gModel struct {
	Name gName    `parser:"@@"`
	Base ast.Expr `parser:"('(' @@ ')')?"`
	Body gBlock   `parser:"@@"`
}

type gOptimizer struct {
	Name   gName         `parser:"@@"`
	Params []*gFuncParam `parser:"'(' (@@ (',' @@)* ','?)? ')'"`
	Body   gBlock        `parser:"@@"`
}

type gLoop struct {
	Option gOption `parser:"@@?"`
	Index  gName   `parser:"@@"`
	Range  gRange  `parser:"'in' @@"`
	Body   gBlock  `parser:"@@"`
}

type gWhile struct {
	Option gOption  `parser:"@@?"`
	Cond   ast.Expr `parser:"@@"`
	Body   gBlock   `parser:"@@"`
}

type gIf struct {
	Branches []*gBranch `parser:"@@ ('else' @@)*"`
	Else     gBlock     `parser:"('else' @@)?"`
}

type gBranch struct {
	Tokens []lexer.Token
	Cond   ast.Expr `parser:"'if' @@"`
	Then   gBlock   `parser:"@@"`
}

type gUpdate struct {
	Name  gName       `parser:"@@"`
	Arrow lexer.Token `parser:"@'<-'"`
	Value ast.Expr    `parser:"@@"`
}

type gAssign struct {
	Targets []*gTarget `parser:"@@ (',' @@)*"`
	Value   gBody      `parser:"'=' @@"`
}

type gTarget struct {
	Tokens []lexer.Token
	Name   gName  `parser:"@@"`
	Index  gIndex `parser:"@@?"`
}
