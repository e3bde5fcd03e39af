package parser_test
import ("testing";"fmt";"os";"streamsql/sql/ast";"streamsql/sql/parser")
func TestTmpDump(t *testing.T){
 ps,err:=parser.Parse(os.Getenv("Q"),parser.Options{})
 if err!=nil{fmt.Printf("%+v\n",err);return}
 for _,p:=range ps{fmt.Println(p.Start,p.End,p.Params);fmt.Print(ast.Dump(p.Stmt,true))}
}
