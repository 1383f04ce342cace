package picture

// dragon hovers with both wings raised.
func (a *artist) dragon(d drawing) {
	body := mix(a.mood.near, hex24(0x0a1a24), opaque/2)
	rim := mix(a.mood.accents[0], a.mood.light, opaque/4)
	skin := mix(a.mood.accents[1], a.mood.near, opaque*4/10)
	shade := func(from, to rgb) func(x, y int, _ rgb) rgb {
		return func(_, y int, _ rgb) rgb {
			return mix(from, to, share(one/2+(y<<8-d.centre.y)*one/(d.size*3/2)))
		}
	}
	wing := func(hand [2]int, shoulder [2]int, sag int, skin rgb, tips ...int) {
		d.scallops(hand[0], hand[1], sag, append(tips, shoulder[0], shoulder[1])...)
		a.fill(d.take(), shade(skin, body))
		for i := 0; i+1 < len(tips); i += 2 {
			d.limb(hand[0], hand[1], (hand[0]+tips[i])/2+20, (hand[1]+tips[i+1])/2-50, tips[i], tips[i+1], 26, 8)
		}
		d.limb(shoulder[0], shoulder[1], (hand[0]+shoulder[0])/2-40, (hand[1]+shoulder[1])/2, hand[0], hand[1], 78, 40)
		d.limb(hand[0], hand[1], hand[0]+10, hand[1]-40, hand[0]+40, hand[1]-90, 30, 4)
		a.fill(d.take(), flat(body, one))
	}
	wing([2]int{330, -520}, [2]int{150, 20}, 300, mix(skin, body, opaque/2), 780, -900, 960, -560, 900, -240, 560, -20)
	d.limb(-60, 150, -320, 330, -560, 250, 190, 110) // tail
	d.limb(-560, 250, -780, 180, -860, 330, 110, 60)
	d.limb(-860, 330, -900, 450, -1040, 420, 60, 16)
	d.poly(-1010, 370, -1190, 330, -1110, 430, -1160, 530, -1010, 460)
	d.limb(160, 60, 60, 130, -80, 150, 250, 190)   // trunk
	d.limb(170, 40, 300, -60, 330, -200, 210, 110) // neck
	d.limb(330, -200, 360, -330, 480, -330, 112, 90)
	d.poly(430, -385, 560, -400, 640, -350, 760, -318, 770, -280, 650, -280, 560, -262, 440, -280) // head
	d.poly(560, -275, 640, -262, 730, -225, 640, -220, 530, -245, 470, -290)                       // jaw
	d.poly(450, -380, 380, -450, 270, -480, 360, -400, 430, -335)                                  // horns
	d.poly(510, -390, 460, -470, 380, -520, 440, -440, 470, -380)
	d.limb(200, 120, 330, 230, 280, 330, 90, 50) // legs
	d.poly(260, 310, 340, 400, 290, 370, 280, 420, 240, 370, 200, 400, 240, 310)
	d.limb(-60, 190, 60, 330, -30, 430, 130, 60)
	d.poly(-60, 410, 30, 510, -30, 480, -40, 540, -80, 480, -130, 510, -70, 410)
	for i := range 7 { // crest of the back
		x, y := 250-i*70, -120+i*34
		d.poly(x-40, y+60, x-60, y-30, x+30, y+20)
	}
	s := d.take()
	lifted := make(shape, len(s))
	for i, outline := range s {
		for _, p := range outline {
			lifted[i] = append(lifted[i], pt{p.x, p.y - max(d.size/70, 60)})
		}
	}
	a.fill(lifted, flat(rim, one*7/10)) // light along the upper edge
	a.fill(s, flat(body, one))
	wing([2]int{-90, -540}, [2]int{120, 0}, 330, skin, -330, -960, -700, -720, -800, -330, -480, 40)
	d.disc(590, -340, 17)
	a.fill(d.take(), flat(mix(a.mood.accents[2], a.mood.light, opaque/3), one))
}

// castle stands on the rock with its foot at p.
func (a *artist) castle(p pt) {
	d := drawing{centre: p, size: a.size(260), flip: a.flip}
	for _, t := range [][3]int{{-260, 560, 110}, {-120, 820, 130}, {60, 620, 150}, {220, 420, 110}} {
		x, top, w := t[0], -t[1], t[2]/2
		d.poly(x-w, 900, x-w, top, x+w, top, x+w, 900)
		d.poly(x-w-24, top, x, top-w*4, x+w+24, top)
	}
	d.poly(-330, 900, -330, -180, 300, -180, 300, 900)
	a.fill(d.take(), flat(mix(a.mood.near, a.mood.far, opaque/6), one))
	for _, w := range [][2]int{{-120, -640}, {60, -480}, {-260, -400}, {-110, -300}, {70, -300}, {220, -260}} {
		d.poly(w[0]-14, w[1], w[0]+14, w[1], w[0]+14, w[1]+56, w[0]-14, w[1]+56)
	}
	a.fill(d.take(), flat(a.mood.accents[2], one))
}
