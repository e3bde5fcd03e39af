"""Writes random.golden: random queries over the tables of answers.sql with PostgreSQL's answers.

Usage: random.py SEED COUNT [psql arguments]. Queries that PostgreSQL refuses are left out; those that streamsql
refuses (subqueries in ON and GROUP BY) are to be taken out by hand.
"""
import os, random, subprocess, sys

R=random.Random(int(sys.argv[1])); N=int(sys.argv[2])
T={'users':[('id','i'),('name','t'),('city','t'),('age','i')],'orders':[('user_id','i'),('line','i'),('item','t'),('price','n')],'notes':[('body','t')]}
alias=0
def fresh():
    global alias; alias+=1; return 'x%d'%alias
def scalar(cols,ty,d=0):
    cs=[c for c,t in cols if t==ty or (ty=='n' and t=='i')]
    k=R.random()
    if cs and k<.6: return R.choice(cs)
    if ty=='t': return R.choice(["'Rome'","'ann'","'pen'","null::text"]) if d>1 or k<.8 else R.choice(['lower(%s)','upper(%s)','coalesce(%s, \'zz\')','(%s || \'!\')'])%scalar(cols,'t',d+1)
    if ty=='i':
        if d>1 or k<.75: return str(R.choice([0,1,2,3,17,30,45]))
        if k<.85: return '(%s + %s)'%(scalar(cols,'i',d+1),scalar(cols,'i',d+1))
        if k<.9: return 'coalesce(%s, %s)'%(scalar(cols,'i',d+1),scalar(cols,'i',d+1))
        return '(case when %s then %s else %s end)'%(pred(cols,d+2),scalar(cols,'i',d+1),scalar(cols,'i',d+1))
    if d>1 or k<.8: return R.choice(['2.5','10','0.1','7.00'])
    return '(%s * 2)'%scalar(cols,'n',d+1)
def pred(cols,d=0,sub=True):
    k=R.random(); ty=R.choice('iiitn')
    if d<2 and k<.2: return '(%s %s %s)'%(pred(cols,d+1,sub),R.choice(['and','or']),pred(cols,d+1,sub))
    if d<2 and k<.27: return '(not %s)'%pred(cols,d+1,sub)
    if k<.35: return '%s is %snull'%(scalar(cols,ty,1),R.choice(['','not ']))
    if k<.43: return '%s %sin (%s)'%(scalar(cols,ty,1),R.choice(['','not ']),', '.join(scalar([],ty,2) for _ in range(R.randint(1,3))))
    if k<.48: return '%s between %s and %s'%(scalar(cols,'i',1),scalar(cols,'i',1),scalar(cols,'i',1))
    if k<.52: return '%s is %sdistinct from %s'%(scalar(cols,ty,1),R.choice(['','not ']),scalar(cols,ty,1))
    if sub and k<.62:
        t=R.choice(['users','orders']); a=fresh(); cs=[(a+'.'+c,x) for c,x in T[t]]
        ty=R.choice('it'); 
        return '%s %sin (select %s from %s %s%s)'%(scalar(cols,ty,1),R.choice(['','not ']),scalar(cs,ty,1),t,a,' where '+pred(cs,2,False) if R.random()<.6 else '')
    if sub and k<.66:
        t=R.choice(['users','orders']); a=fresh(); cs=[(a+'.'+c,x) for c,x in T[t]]
        return '%sexists (select 1 from %s %s where %s)'%(R.choice(['','not ']),t,a,pred(cs,1,False))
    if sub and k<.70:
        t=R.choice(['users','orders']); a=fresh(); cs=[(a+'.'+c,x) for c,x in T[t]]
        return '%s %s (select %s(%s) from %s %s where %s)'%(scalar(cols,'i',1),R.choice(['<','>','=']),R.choice(['min','max','count']),scalar(cs,'i',1),t,a,pred(cs,1,False))
    return '%s %s %s'%(scalar(cols,ty,1),R.choice(['=','=','<>','<','>','<=','>=']),scalar(cols,ty,1))
def source(d):
    k=R.random(); a=fresh()
    if d>0 and k<.25:
        q,cols=select(d-1); 
        return '(%s) as %s'%(q,a),[(a+'.'+c,t) for c,t in cols]
    t=R.choice(['users','orders','users','orders','notes'])
    return '%s %s'%(t,a),[(a+'.'+c,x) for c,x in T[t]]
def fromc(d):
    s,c=source(d)
    for _ in range(R.choice([0,0,1,1,2])):
        s2,c2=source(d); k=R.choice(['join','left join','right join','full join','cross join',','])
        if k==',' : k='cross join'
        if k=='cross join': s='%s cross join %s'%(s,s2)
        else:
            li=[x for x,t in c if t=='i']; ri=[x for x,t in c2 if t=='i']
            if li and ri and R.random()<.8: on='%s = %s'%(R.choice(li),R.choice(ri))
            else:
                lt=[x for x,t in c if t=='t']; rt=[x for x,t in c2 if t=='t']; on='%s = %s'%(R.choice(lt),R.choice(rt)) if lt and rt else '1 = 1'
            if R.random()<.4 and (k!='full join' or True): on+=' and '+pred(c+c2,1,False)
            s='%s %s %s on %s'%(s,k,s2,on)
        c=c+c2
    return s,c
def select(d):
    f,c=fromc(d)
    w=' where '+pred(c) if R.random()<.6 else ''
    k=R.random()
    if k<.45:
        items=[]
        for i in range(R.randint(1,3)):
            ty=R.choice('iitn'); items.append((scalar(c,ty),ty))
        sel=', '.join('%s as c%d'%(x,i) for i,(x,t) in enumerate(items))
        return 'select %s%s from %s%s'%('distinct ' if R.random()<.2 else '',sel,f,w),[('c%d'%i,t) for i,(x,t) in enumerate(items)]
    if k<.85:
        g=[]
        for _ in range(R.choice([0,1,1,2])):
            ty=R.choice('iit'); e=scalar(c,ty,1)
            if any(ch in e for ch in ['x']) and '.' in e: g.append((e,ty))
        items=list(g); gb=[e for e,_ in g]
        for _ in range(R.randint(1,2)):
            a=R.choice(['count(*)','sum','min','max','count','countd','filter','mint'])
            if a=='count(*)': items.append((a,'i'))
            elif a=='sum': items.append(('sum(%s)'%scalar(c,'i',1),'n'))
            elif a=='mint': items.append(('min(%s)'%scalar(c,'t',1),'t'))
            elif a=='countd': items.append(('count(distinct %s)'%scalar(c,R.choice('it'),1),'i'))
            elif a=='filter': items.append(('count(*) filter (where %s)'%pred(c,2,False),'i'))
            elif a=='count': items.append(('count(%s)'%scalar(c,R.choice('it'),1),'i'))
            else: items.append(('%s(%s)'%(a,scalar(c,'i',1)),'i'))
        sel=', '.join('%s as c%d'%(x,i) for i,(x,t) in enumerate(items))
        h=' having count(*) %s %d'%(R.choice(['>','<']),R.randint(0,3)) if R.random()<.25 else ''
        return 'select %s from %s%s%s%s'%(sel,f,w,' group by '+', '.join(gb) if gb else '',h),[('c%d'%i,t) for i,(x,t) in enumerate(items)]
    tys=[R.choice('it') for _ in range(R.randint(1,2))]
    def br():
        f,c=fromc(d); w=' where '+pred(c) if R.random()<.5 else ''
        return 'select %s from %s%s'%(', '.join('%s as c%d'%(scalar(c,t,1),i) for i,t in enumerate(tys)),f,w)
    return '%s %s %s'%(br(),R.choice(['union all','union','except','intersect','except all','intersect all']),br()),[('c%d'%i,t) for i,t in enumerate(tys)]
qs=[select(2)[0] for _ in range(N)]
os.chdir(os.path.dirname(os.path.abspath(__file__)))
setup=open('answers.sql').read().split('-- queries')[0]
os.chdir(os.path.dirname(os.path.abspath(__file__)))
base=['psql','-X','-q']+sys.argv[3:]
db='planner_rand'
subprocess.run(base+['-d','postgres','-c','drop database if exists '+db]); subprocess.run(base+['-d','postgres','-c','create database '+db])
subprocess.run(base+['-d',db],input=setup,text=True)
golden=[]
out=[b for b in golden if b.startswith('table ')]
script="set timezone='UTC';\nset statement_timeout='5s';\n"
for i,q in enumerate(qs): script+="\\echo @@%d\n%s;\n"%(i,q)
p=subprocess.run(base+['-A','-t','-P','null=~','-d',db],input=script,text=True,stdout=subprocess.PIPE,stderr=subprocess.STDOUT)
parts=p.stdout.split('@@')[1:]
ok=bad=0
for part in parts:
    n,_,body=part.partition('\n'); q=qs[int(n)]
    if 'ERROR:' in body:
        bad+=1
        if bad<6: print(q[:200],body[:200])
        continue
    body=body.rstrip('\n')
    if body.count('\n')>300: continue
    ok+=1
    out.append(q+'\n----'+('\n'+body if body else ''))
open('random.golden','w').write('\n\n'.join(out)+'\n')
print(ok,bad)
