package runtime

// dots computes C, which has few rows, as dot products of rows of A, copied to
// p where they are not contiguous, with columns of B, which are.
func (g *product[T]) dots(p *pack[T]) {
	for i := range g.m {
		for k := 0; k < g.k; k += blockK {
			kn := min(blockK, g.k-k)
			a := g.rowOfA(p, i, k, kn)
			first := k == 0 && !g.acc
			j := 0
			for ; j+8 <= g.n; j += 8 {
				g.dots8(a, i, j, k, first)
			}
			for ; j < g.n; j++ {
				c := &g.c.v[g.c.off+i*g.c.s0+j*g.c.s1]
				if first {
					*c = 0
				}
				at := g.b.off + k + j*g.b.s1
				*c = dot1(*c, a, g.b.v[at:at+kn])
			}
		}
	}
}

// rowOfA returns kn elements of row i of A from k on.
func (g *product[T]) rowOfA(p *pack[T], i, k, kn int) []T {
	at := g.a.off + i*g.a.s0 + k*g.a.s1
	if g.a.s1 == 1 {
		return g.a.v[at : at+kn]
	}
	row := p.a[:kn]
	for q := range row {
		row[q] = g.a.v[at+q*g.a.s1]
	}
	return row
}

// dots8 adds to eight neighbours in a row of C.
func (g *product[T]) dots8(a []T, i, j, k int, first bool) {
	at, step := g.c.off+i*g.c.s0+j*g.c.s1, g.c.s1
	var s [8]T
	if !first {
		for q := range s {
			s[q] = g.c.v[at+q*step]
		}
	}
	from := g.b.off + k + j*g.b.s1
	dot8(&s, a, g.b.v[from:], g.b.s1)
	for q, v := range s {
		g.c.v[at+q*step] = v
	}
}

// dot8 adds to s the dot products of a with eight columns of b, ldb apart:
// eight sums at a time hide the time an addition takes.
func dot8[T Float](s *[8]T, a, b []T, ldb int) {
	n := len(a)
	b0, b1, b2, b3 := b[:n], b[ldb:][:n], b[2*ldb:][:n], b[3*ldb:][:n]
	b4, b5, b6, b7 := b[4*ldb:][:n], b[5*ldb:][:n], b[6*ldb:][:n], b[7*ldb:][:n]
	s0, s1, s2, s3, s4, s5, s6, s7 := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	for p, x := range a {
		s0 += x * b0[p]
		s1 += x * b1[p]
		s2 += x * b2[p]
		s3 += x * b3[p]
		s4 += x * b4[p]
		s5 += x * b5[p]
		s6 += x * b6[p]
		s7 += x * b7[p]
	}
	*s = [8]T{s0, s1, s2, s3, s4, s5, s6, s7}
}

// dot1 adds to s the dot product of a and b.
func dot1[T Float](s T, a, b []T) T {
	b = b[:len(a)]
	for p, x := range a {
		s += x * b[p]
	}
	return s
}
