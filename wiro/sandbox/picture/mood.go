package picture

// mood is a palette. The sky runs from the zenith to the horizon; layers of
// land run from far to near.
type mood struct {
	sky       [3]rgb
	light     rgb // of the sun or moon
	far, near rgb
	accents   [4]rgb
	night     bool
}

var (
	night = &mood{
		sky: [3]rgb{hex24(0x080d2b), hex24(0x1d2c68), hex24(0x6b6fb4)}, light: hex24(0xeef0ff),
		far: hex24(0x4a569c), near: hex24(0x060a1e),
		accents: [4]rgb{hex24(0x7fe3e6), hex24(0xb98cff), hex24(0xffd79a), hex24(0x3c63c9)}, night: true,
	}
	sunset = &mood{
		sky: [3]rgb{hex24(0x2f2a63), hex24(0xd1587a), hex24(0xffc06a)}, light: hex24(0xfff0c0),
		far: hex24(0xb9657f), near: hex24(0x1d1029),
		accents: [4]rgb{hex24(0xff8a5c), hex24(0xffd27a), hex24(0x7d3f7a), hex24(0x4a3a80)},
	}
	dawn = &mood{
		sky: [3]rgb{hex24(0x5f86bf), hex24(0xe9b4b8), hex24(0xffe6c4)}, light: hex24(0xfff7e0),
		far: hex24(0xb9a2c0), near: hex24(0x2f3558),
		accents: [4]rgb{hex24(0xf6a6a0), hex24(0xffdca0), hex24(0x88a7d8), hex24(0x6b5a94)},
	}
	day = &mood{
		sky: [3]rgb{hex24(0x2b78c6), hex24(0x7dbbe8), hex24(0xe4f2f2)}, light: hex24(0xfffbe4),
		far: hex24(0x8fb3cd), near: hex24(0x163b40),
		accents: [4]rgb{hex24(0x2fb5c4), hex24(0xffd166), hex24(0xf2765a), hex24(0x1f5fa8)},
	}
	pastel = &mood{
		sky: [3]rgb{hex24(0xa3bfe6), hex24(0xecc9e0), hex24(0xfdeedd)}, light: hex24(0xfffaf0),
		far: hex24(0xcbb9de), near: hex24(0x6d6a9e),
		accents: [4]rgb{hex24(0xf6b8c6), hex24(0xb6e0d4), hex24(0xfbe3a8), hex24(0xa9b4ec)},
	}
	vibrant = &mood{
		sky: [3]rgb{hex24(0x38189a), hex24(0xe03a86), hex24(0xffb23e)}, light: hex24(0xfff2b8),
		far: hex24(0x9c2f9a), near: hex24(0x190b4a),
		accents: [4]rgb{hex24(0xff3d5a), hex24(0x1fc8d8), hex24(0xffc928), hex24(0x2a4df0)},
	}
	autumn = &mood{
		sky: [3]rgb{hex24(0x6c93ae), hex24(0xe3c9a0), hex24(0xffe6b0)}, light: hex24(0xfff4cc),
		far: hex24(0xc59a72), near: hex24(0x3a1d16),
		accents: [4]rgb{hex24(0xe0672c), hex24(0xf2b134), hex24(0xa83a24), hex24(0x5c6b3a)},
	}
	winter = &mood{
		sky: [3]rgb{hex24(0x5f88b8), hex24(0xa9c6de), hex24(0xf3f3f0)}, light: hex24(0xffffff),
		far: hex24(0xa3bbd2), near: hex24(0x24415c),
		accents: [4]rgb{hex24(0xdcecf6), hex24(0x7fa8cf), hex24(0xf3d9cf), hex24(0x3c6a94)},
	}
	velvet = &mood{
		sky: [3]rgb{hex24(0x2a0f3c), hex24(0x64305e), hex24(0xd68a6a)}, light: hex24(0xffeccb),
		far: hex24(0x7a4468), near: hex24(0x0c0716),
		accents: [4]rgb{hex24(0xd8344f), hex24(0xffc98a), hex24(0xf2a0b4), hex24(0x3a3f90)}, night: true,
	}
	candy = &mood{
		sky: [3]rgb{hex24(0xd9a878), hex24(0xf0cfa4), hex24(0xfbe8cc)}, light: hex24(0xfff4e0),
		far: hex24(0xb98a70), near: hex24(0x4a2420),
		accents: [4]rgb{hex24(0xff6f91), hex24(0xffc93c), hex24(0x2ec4b6), hex24(0x7a5cd6)},
	}
	aurora = &mood{
		sky: [3]rgb{hex24(0x04121f), hex24(0x0d3b4a), hex24(0x3f8f86)}, light: hex24(0xe8fff4),
		far: hex24(0x2b6a74), near: hex24(0x03101a),
		accents: [4]rgb{hex24(0x6bf2b0), hex24(0x8f7bff), hex24(0xd8ff9a), hex24(0x1f7f9c)}, night: true,
	}
)

var moods = []cue[*mood]{
	{3, "night starry stars star moon moonlit midnight dark cyberpunk neon", night},
	{3, "aurora polar northern", aurora},
	{3, "sunset dusk evening golden desert", sunset},
	{3, "dawn sunrise morning mist misty fog foggy", dawn},
	{3, "autumn fall leaves october", autumn},
	{3, "winter snow snowy ice frozen glacier", winter},
	{3, "sunlight sunny day noon summer bright", day},
	{2, "pastel soft muted delicate gentle watercolor watercolour", pastel},
	{7, "cream sundae gelato dessert", candy},
	{4, "stage ballerina ballet dancer theatre theater opera concert", velvet},
	{1, "city skyline downtown dragon", night},
	{1, "surfer wave beach island", day},
	{2, "vibrant bold vivid colorful colourful saturated neon pop", vibrant},
}

// free are the moods for a prompt that names none.
var free = []*mood{sunset, dawn, day, pastel, night, autumn, vibrant, winter, aurora}

// turned is the mood with every colour's hue turned a little.
func (m mood) turned(turn int) mood {
	for i := range m.sky {
		m.sky[i] = turnHue(m.sky[i], turn)
	}
	for i := range m.accents {
		m.accents[i] = turnHue(m.accents[i], turn)
	}
	m.light, m.far, m.near = turnHue(m.light, turn), turnHue(m.far, turn), turnHue(m.near, turn)
	return m
}
