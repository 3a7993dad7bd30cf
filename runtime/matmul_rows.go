package runtime

// sumRows computes C by blocks of B, copied to p where the rows of B are not
// contiguous. Without p the rows of B and C have to be.
func (g *product[T]) sumRows(p *pack[T]) {
	for j := 0; j < g.n; j += blockN {
		n := min(blockN, g.n-j)
		for k := 0; k < g.k; k += blockK {
			kn := min(blockK, g.k-k)
			at := g.b.off + k*g.b.s0 + j*g.b.s1
			b := matrix[T]{g.b.v, at, g.b.s0, g.b.s1}
			if b.s1 != 1 {
				packBlock(p.b[:], &b, kn, n)
				b = matrix[T]{p.b[:], 0, n, 1}
			}
			for i := 0; i < g.m; i += 2 {
				g.sumPair(p, &b, i, j, n, k, kn)
			}
		}
	}
}

// sumPair adds the products of one block of B to rows i and i+1 of C.
func (g *product[T]) sumPair(p *pack[T], b *matrix[T], i, j, n, k, kn int) {
	at := g.a.off + i*g.a.s0 + k*g.a.s1
	c0 := g.loadRow(p, 0, i, j, n, k)
	if i+1 == g.m {
		sum1(c0, g.a.v[at:], g.a.s1, b.v[b.off:], b.s0, kn)
		g.storeRow(c0, i, j)
		return
	}
	c1 := g.loadRow(p, 1, i+1, j, n, k)
	sum2(c0, c1, g.a.v[at:], g.a.v[at+g.a.s0:], g.a.s1, b.v[b.off:], b.s0, kn)
	g.storeRow(c0, i, j)
	g.storeRow(c1, i+1, j)
}

// loadRow returns n elements of row i of C from column j on, in place where
// they are contiguous, cleared before the first block unless they are added to.
func (g *product[T]) loadRow(p *pack[T], which, i, j, n, k int) []T {
	at := g.c.off + i*g.c.s0 + j*g.c.s1
	var row []T
	if g.c.s1 == 1 {
		row = g.c.v[at : at+n : at+n]
	} else {
		row = p.c[which][:n]
		for q := range row {
			row[q] = g.c.v[at+q*g.c.s1]
		}
	}
	if k == 0 && !g.acc {
		clear(row)
	}
	return row
}

// storeRow puts back what loadRow copied.
func (g *product[T]) storeRow(row []T, i, j int) {
	if g.c.s1 == 1 {
		return
	}
	at := g.c.off + i*g.c.s0 + j*g.c.s1
	for q, v := range row {
		g.c.v[at+q*g.c.s1] = v
	}
}

// sum2 adds to c0 and c1 the k rows of b, scaled by a0 and a1:
//
//	c0[j] += Σ_p a0[p*as]·b[p*ldb+j],  c1[j] += Σ_p a1[p*as]·b[p*ldb+j]
//
// Four rows at a time, so that c is loaded and stored once for eight products.
func sum2[T Float](c0, c1, a0, a1 []T, as int, b []T, ldb, k int) {
	n := len(c0)
	c1 = c1[:n]
	p := 0
	for ; p+4 <= k; p += 4 {
		b0 := b[p*ldb:][:n]
		b1 := b[(p+1)*ldb:][:n]
		b2 := b[(p+2)*ldb:][:n]
		b3 := b[(p+3)*ldb:][:n]
		x0, x1, x2, x3 := a0[p*as], a0[(p+1)*as], a0[(p+2)*as], a0[(p+3)*as]
		y0, y1, y2, y3 := a1[p*as], a1[(p+1)*as], a1[(p+2)*as], a1[(p+3)*as]
		for j := range n {
			u0, u1, u2, u3 := b0[j], b1[j], b2[j], b3[j]
			c0[j] = c0[j] + x0*u0 + x1*u1 + x2*u2 + x3*u3
			c1[j] = c1[j] + y0*u0 + y1*u1 + y2*u2 + y3*u3
		}
	}
	for ; p < k; p++ {
		bp := b[p*ldb:][:n]
		x, y := a0[p*as], a1[p*as]
		for j, u := range bp {
			c0[j] += x * u
			c1[j] += y * u
		}
	}
}

// sum1 is sum2 for one row.
func sum1[T Float](c, a []T, as int, b []T, ldb, k int) {
	n := len(c)
	p := 0
	for ; p+4 <= k; p += 4 {
		b0 := b[p*ldb:][:n]
		b1 := b[(p+1)*ldb:][:n]
		b2 := b[(p+2)*ldb:][:n]
		b3 := b[(p+3)*ldb:][:n]
		x0, x1, x2, x3 := a[p*as], a[(p+1)*as], a[(p+2)*as], a[(p+3)*as]
		for j := range c {
			c[j] = c[j] + x0*b0[j] + x1*b1[j] + x2*b2[j] + x3*b3[j]
		}
	}
	for ; p < k; p++ {
		bp := b[p*ldb:][:n]
		x := a[p*as]
		for j, u := range bp {
			c[j] += x * u
		}
	}
}
