/* SPDX-License-Identifier: ISC */
/*
 * picture_scale: a square out of the middle of a picture, of PICTURE_SIDE pixels each way. Each
 * pixel that comes is added at once to those of the square it touches, so that rows may come in any
 * order (PNG sends a coarse picture first) and no picture is ever held whole. A pixel of the square
 * is the weighted mean of those around its place: near ones count most, and at least two each way,
 * which is what makes small pictures larger smoothly (a tent filter). Colours are weighted by their
 * alpha, so that what cannot be seen does not shine through.
 */
#include "picture_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SIDE = PICTURE_SIDE,
	CHANNELS = 4
};

/* The places of the picture that count for one place of the square, along a side. */
struct taps {
	uint32_t from, to; /* first, and one behind the last */
	const float *weights;
};

struct picture_scale {
	uint32_t left, top, side; /* of the square in the picture */
	struct taps taps[SIDE];   /* the same for columns and rows */
	float *weights;
	float line[SIDE * CHANNELS];
	float sum[SIDE][SIDE * CHANNELS];
};

static void *
need(void *memory)
{
	if (memory == NULL)
		mem_abort("out of memory");
	return memory;
}

struct picture_scale *
picture_scale_new(void)
{
	return need(calloc(1, sizeof(struct picture_scale)));
}

void
picture_scale_free(struct picture_scale *s)
{
	free(s->weights);
	free(s);
}

/* The weights of one place, which make 1 together. Returns what stands behind them. */
static float *
weigh(struct taps *t, uint32_t side, double middle, double reach, float *weights)
{
	double from = floor(middle - reach), to = ceil(middle + reach), all = 0;

	t->from = from < 0 ? 0 : (uint32_t)from;
	t->to = to > side ? side : (uint32_t)to;
	t->weights = weights;
	for (uint32_t x = t->from; x < t->to; x++)
		all += fmax(0, 1 - fabs(x + 0.5 - middle) / reach);
	for (uint32_t x = t->from; x < t->to; x++)
		*weights++ = (float)(fmax(0, 1 - fabs(x + 0.5 - middle) / reach) / all);
	return weights;
}

void
picture_scale_begin(struct picture_scale *s, uint32_t width, uint32_t height)
{
	uint32_t side = width < height ? width : height;
	double step = (double)side / SIDE, reach = step > 1 ? step : 1;
	size_t most = (size_t)(2 * reach) + 3; /* for one place */
	float *weights;

	s->side = side;
	s->left = (width - side) / 2;
	s->top = (height - side) / 2;
	weights = s->weights = need(calloc(SIDE * most, sizeof *weights));
	for (uint32_t i = 0; i < SIDE; i++)
		weights = weigh(&s->taps[i], side, (i + 0.5) * step, reach, weights);
}

/* The pixels of a row that count for one place, added up. `rgba` is the one at `x`. */
static void
add_up(const struct taps *t, uint32_t x, uint32_t step, const uint8_t *rgba, float *to)
{
	float red = 0, green = 0, blue = 0, alpha = 0;

	if (x < t->from) {
		uint32_t skip = (t->from - x + step - 1) / step;

		x += skip * step;
		rgba += (size_t)skip * CHANNELS;
	}
	for (; x < t->to; x += step, rgba += CHANNELS) {
		float weight = t->weights[x - t->from] * (float)rgba[3];

		red += weight * (float)rgba[0];
		green += weight * (float)rgba[1];
		blue += weight * (float)rgba[2];
		alpha += weight;
	}
	to[0] = red;
	to[1] = green;
	to[2] = blue;
	to[3] = alpha;
}

void
picture_scale_row(
	struct picture_scale *s, uint32_t y, uint32_t x, uint32_t step, const uint8_t *rgba)
{
	if (y < s->top || y - s->top >= s->side)
		return;
	y -= s->top;
	if (x < s->left) { /* from here on x counts from the left of the square */
		uint32_t skip = (s->left - x + step - 1) / step;

		x += skip * step;
		rgba += (size_t)skip * CHANNELS;
	}
	x -= s->left;
	for (size_t i = 0; i < SIDE; i++)
		add_up(&s->taps[i], x, step, rgba, s->line + i * CHANNELS);
	for (size_t i = 0; i < SIDE; i++) {
		const struct taps *t = &s->taps[i];

		if (y < t->from || y >= t->to)
			continue;
		for (size_t j = 0; j < (size_t)SIDE * CHANNELS; j++)
			s->sum[i][j] += t->weights[y - t->from] * s->line[j];
	}
}

static uint8_t
byte(float value)
{
	/* NOLINTNEXTLINE(bugprone-incorrect-roundings): it is between 0 and 255 */
	return value <= 0 ? 0 : value >= 255 ? 255 : (uint8_t)(value + 0.5F);
}

void
picture_scale_end(const struct picture_scale *s, unsigned orientation, uint8_t *rgba)
{
	/* Orientations 5 to 8 swap rows and columns; each then mirrors none, one or both. */
	bool swap = orientation > 4;
	bool mirror_x =
		orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
	bool mirror_y =
		orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;

	for (size_t y = 0; y < SIDE; y++)
		for (size_t x = 0; x < SIDE; x++, rgba += CHANNELS) {
			size_t column = swap ? y : x, row = swap ? x : y;
			const float *from;

			column = mirror_x ? SIDE - 1 - column : column;
			row = mirror_y ? SIDE - 1 - row : row;
			from = s->sum[row] + column * CHANNELS;
			for (size_t c = 0; c < 3; c++)
				rgba[c] = from[3] > 0 ? byte(from[c] / from[3]) : 0;
			rgba[3] = byte(from[3]);
		}
}
